select r.id, r.agency, r.county_code, r.year, f."check", f.subject, f."left", f."right"
from findings f join reports r on r.id = f.report_id
where f.status = 'fail' and r.current = 1 and (:check = '' or f."check" = :check)
limit 101 offset :skip
