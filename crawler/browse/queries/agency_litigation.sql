select r.year, v.* from reports r join litigation_values v on v.report_id = r.id
where r.agency_id = :agency and r.current = 1 order by r.year
