select (select count(*) from agencies), (select count(*) from (select distinct county_code from coverage))
