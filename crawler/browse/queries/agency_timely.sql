select year, status, days_late, deadline, published from timeliness where county_code = :county and agency = :called
