select report_id as id, agency, county_code, year, "check", subject, "left", "right", severity
from suspicious where :check = '' or "check" = :check limit 101 offset :skip
