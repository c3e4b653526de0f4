select county_code, year, outcome, count(*) as n from coverage
where county_code >= :province and county_code < :after
group by 1, 2, 3 order by 1
