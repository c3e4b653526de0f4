select c.agency, c.year, c.outcome, c.reason, c.report_id, r.agency_id, a.kind
from coverage c
left join reports r on r.id = c.report_id
left join agencies a on a.id = r.agency_id
where c.county_code = :county order by c.agency, c.year
