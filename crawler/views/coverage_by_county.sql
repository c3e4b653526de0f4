select
    c.county_code, p.name as county, p.province, c.year,
    count(*) as expected,
    sum(c.outcome = 'held') as held,
    sum(c.outcome = 'unread') as unread,
    sum(c.outcome = 'absent') as absent,
    sum(c.outcome = 'unlisted') as unlisted,
    sum(c.outcome = 'blocked') as blocked,
    sum(c.outcome = 'disallowed') as disallowed,
    sum(c.outcome = 'unreachable') as unreachable,
    sum(c.outcome = 'due') as due
from coverage c left join portals p on p.code = c.county_code
group by c.county_code, c.year
