-- the view findings would unfold those that hold, of the whole dataset
select * from (
    select r.id, r.agency, r.year, k."check", f.subject, f."left", f."right", k.severity
    from reports r cross join findings_long f on f.report_id = r.id join checks k on k.key = f.key
    where r.county_code = :county and r.current = 1 and f.status = 'fail'
    union all
    select r.id, r.agency, r.year, 'COPIED', c.section, c.share, 0.8, 'info'
    from reports r cross join copies c on c.report_id = r.id join reports t on t.id = c.twin_id
    where r.county_code = :county and r.current = 1 and t.agency_id <> r.agency_id and c.share >= 0.8
)
order by severity <> 'error', severity <> 'warn', year desc, agency limit 200
