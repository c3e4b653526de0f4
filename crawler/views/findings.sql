-- every check of every report; rows of the short form are unfolded (see Dataset.write_findings)
select
    f.report_id, k."check", f.subject, f."left", f."right", f.status, coalesce(f.cells, k.cells) as cells,
    k.severity, f.other_id
from findings_long f join checks k on k.key = f.key
union all
select
    f.report_id, k."check", k.subject,
    case c.type when 'array' then json_extract(c.value, '$[0]') else c.value end,
    case c.type when 'array' then json_extract(c.value, '$[1]') else c.value end,
    'pass', k.cells, k.severity, f.other_id
from findings_short f join json_each(f.passed) c join checks k on k.key = cast(c.key as integer)
union all
select
    f.report_id, k."check", k.subject,
    case c.type when 'array' then json_extract(c.value, '$[0]') else c.value end,
    case c.type when 'array' then json_extract(c.value, '$[1]') end,
    'not_assessable', k.cells, k.severity, f.other_id
from findings_short f join json_each(f.not_assessable) c join checks k on k.key = cast(c.key as integer)
union all
select
    c.report_id, 'COPIED', c.section, c.share, 0.8, 'fail', '["sections/' || c.section || '"]', k.severity, c.twin_id
from copies c
join reports r on r.id = c.report_id
join reports t on t.id = c.twin_id
join checks k on k."check" = 'COPIED'
where t.agency_id <> r.agency_id and c.share >= 0.8
