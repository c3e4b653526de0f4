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
    case when c.type <> 'array' or json_array_length(c.value) = 3 then 'pass' else 'not_assessable' end,
    k.cells, k.severity, f.other_id
from findings_short f cross join json_each(f.results) c join checks k on k.edition = f.edition and k.n = c.key
where c.type <> 'null'
union all
select
    c.report_id, 'COPIED', c.section, c.share, 0.8, 'fail', '["sections/' || c.section || '"]', k.severity, c.twin_id
from copies c
join reports r on r.id = c.report_id
join reports t on t.id = c.twin_id
join checks k on k."check" = 'COPIED'
where t.agency_id <> r.agency_id and c.share >= 0.8
