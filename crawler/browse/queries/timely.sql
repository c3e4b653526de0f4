select substr(county_code, 1, 2) as province, year, status, count(*) as n from timeliness group by 1, 2, 3
