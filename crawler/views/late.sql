-- reports that came after their legal date
select report_id, county_code, agency, kind, year, published, deadline, days_late, dated_by, url
from timeliness
where status = 'late'
