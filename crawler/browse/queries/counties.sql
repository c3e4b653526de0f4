select county_code, year, outcome, count(*) as n
from (
    select county_code, year, outcome from coverage where county_code >= :province and county_code < :after
    union all
    select r.county_code, r.year, 'held' from reports r
    where r.county_code >= :province and r.county_code < :after and r.current = 1 and r.year is not null
        and not exists (
            select 1 from coverage c where c.county_code = r.county_code and c.agency = r.agency and c.year = r.year
        )
)
group by 1, 2, 3 order by 1
