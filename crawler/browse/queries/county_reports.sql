select r.id, r.agency, r.agency_id, r.year, r.title, r.published, a.kind
from reports r join agencies a on a.id = r.agency_id
where r.county_code = :county and r.current = 1 order by r.agency, r.year
