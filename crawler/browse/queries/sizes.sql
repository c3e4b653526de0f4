select
    (select count(*) from agencies),
    (select count(*) from (select county_code from coverage union select county_code from agencies))
