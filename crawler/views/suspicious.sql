-- what a person should look at: checks that fail in the readings that count, dismissed ones left out. Asked of the table
-- that has all that fail; the view findings would unfold those that hold, too
select
    r.id as report_id, r.county_code, r.agency, r.year, f."check", f.subject, f."left", f."right", f.severity,
    k.label_zh, k.label_en, f.cells, f.other_id, v.verdict, v.note, r.url, r.document_url
from (
    select l.report_id, c."check", l.subject, l."left", l."right", coalesce(l.cells, c.cells) as cells, c.severity,
        l.other_id
    from findings_long l join checks c on c.key = l.key
    where l.status = 'fail'
    union all
    select
        c.report_id, 'COPIED', c.section, c.share, 0.8, '["sections/' || c.section || '"]', k.severity, c.twin_id
    from copies c
    join reports o on o.id = c.report_id
    join reports t on t.id = c.twin_id
    join checks k on k."check" = 'COPIED'
    where t.agency_id <> o.agency_id and c.share >= 0.8
) f
join reports r on r.id = f.report_id and r.current = 1
join (select "check", min(label_zh) as label_zh, min(label_en) as label_en from checks group by "check") k
    on k."check" = f."check"
left join verdicts v on v.sha256 = r.sha256 and v."check" = f."check" and v.subject = f.subject
where coalesce(v.verdict, '') <> 'dismissed'
