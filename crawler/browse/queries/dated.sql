select substr(county_code, 1, 2) as province, year, count(*) as held, sum(published is not null) as dated
from reports where current = 1 group by 1, 2
