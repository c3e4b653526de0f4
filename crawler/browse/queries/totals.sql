select substr(county_code, 1, 2) as province, year, count(*) as n from reports where current = 1 group by 1, 2
