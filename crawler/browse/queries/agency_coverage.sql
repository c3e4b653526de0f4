select year, outcome, reason, report_id from coverage
where county_code = :county and agency = :name order by year
