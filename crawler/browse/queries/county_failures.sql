select r.id, r.agency, r.year, f."check", f.subject, f."left", f."right"
from reports r join findings f on f.report_id = r.id
where r.county_code = :county and r.current = 1 and f.status = 'fail'
order by r.year desc, r.agency limit 200
