select r.id, r.agency, r.year, f."check", f.subject, f."left", f."right", f.severity
from reports r cross join findings f on f.report_id = r.id
where r.county_code = :county and r.current = 1 and f.status = 'fail'
order by f.severity <> 'error', f.severity <> 'warn', r.year desc, r.agency limit 200
