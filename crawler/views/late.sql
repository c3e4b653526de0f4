select
    r.id as report_id, r.county_code, r.agency, a.kind, r.year, r.published,
    date(r.year + 1 || case a.kind when 'county' then '-03-31' else '-01-31' end) as deadline,
    cast(julianday(r.published) - julianday(r.year + 1 || case a.kind when 'county' then '-03-31' else '-01-31' end) as integer)
        as days_late,
    r.url
from reports r join agencies a on a.id = r.agency_id
where r.current = 1
    and r.published > date(r.year + 1 || case a.kind when 'county' then '-03-31' else '-01-31' end)
