select substr(r.county_code, 1, 2) as province, f."check", count(*) as n
from findings f join reports r on r.id = f.report_id
where f.status = 'fail' and r.current = 1 group by 1, 2
