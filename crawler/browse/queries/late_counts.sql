select substr(county_code, 1, 2) as province, year, count(*) as n from late group by 1, 2
