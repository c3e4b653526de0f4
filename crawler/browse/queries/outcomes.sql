select substr(county_code, 1, 2) as province, year, outcome, count(*) as n
from coverage group by 1, 2, 3
