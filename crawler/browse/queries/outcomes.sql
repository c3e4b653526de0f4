-- reports from files have no ledger: they count as held
select substr(county_code, 1, 2) as province, year, outcome, count(*) as n
from (
    select county_code, year, outcome from coverage
    union all
    select r.county_code, r.year, 'held' from reports r
    where r.current = 1 and r.year is not null and not exists (
        select 1 from coverage c where c.county_code = r.county_code and c.agency = r.agency and c.year = r.year
    )
)
group by 1, 2, 3
