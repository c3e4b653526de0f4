select substr(county_code, 1, 2) as province, year, "check", count(*) as n from suspicious group by 1, 2, 3
