select "check", subject, "left", "right", status, cells from findings
where report_id = :report order by status = 'pass', status, "check", subject
