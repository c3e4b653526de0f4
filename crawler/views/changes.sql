-- what became of published reports: corrected (a cell differs from the version before at the same address), reworded
-- (a new version with the same cells), moved (gone here, found elsewhere), withdrawn (gone, found nowhere)
with versions as not materialized (
    select
        n.id as report_id, n.county_code, n.agency, n.year, n.url, n.document_url, n.last_run,
        (
            select o.id from reports o
            where o.agency_id = n.agency_id and o.year is n.year and o.url = n.url and o.document_url is n.document_url
                and o.sha256 <> n.sha256 and o.last_run < n.last_run
            order by o.last_run desc, o.id limit 1
        ) as before_id
    from reports n
),
paired as not materialized (
    select
        v.*, t.table_no, t.edition, c.key as n, c.value as now_entry, c.type as now_type,
        json_extract(b.cells, '$[' || c.key || ']') as before_entry,
        coalesce(json_type(b.cells, '$[' || c.key || ']'), 'null') as before_type
    from versions v
    join form_tables t on t.report_id = v.report_id and t.refused is null
    join form_tables b
        on b.report_id = v.before_id and b.table_no = t.table_no and b.edition = t.edition and b.refused is null
    cross join json_each(t.cells) c
    where v.before_id is not null and json_extract(b.cells, '$[' || c.key || ']') is not c.value
),
differing as not materialized (
    select * from paired where {now value} is not {before value} or {now mark} is not {before mark}
)
select
    'corrected' as change, d.county_code, d.agency, d.year, d.report_id, d.before_id, d.table_no, f."row", f."column",
    coalesce({before value}, {before raw}) as before, coalesce({now value}, {now raw}) as now,
    d.url, null as other_url, null as noticed
from differing d join fields f on f.edition = d.edition and f.table_no = d.table_no and f.n = d.n
union all
select
    'reworded', v.county_code, v.agency, v.year, v.report_id, v.before_id, null, null, null, null, null, v.url, null, null
from versions v
where v.before_id is not null and not exists (select 1 from differing d where d.report_id = v.report_id)
union all
select
    case when e.url is null then 'withdrawn' else 'moved' end,
    r.county_code, r.agency, r.year, r.id, null, null, null, null, null, null, g.url, e.url, g.gone
from sources g
join reports r on r.id = g.report_id
left join reports c on c.agency_id = r.agency_id and c.year is r.year and c.current = 1
left join sources e
    on e.county_code = c.county_code and e.sha256 = c.sha256 and e.first_run is not null and e.gone is null and e.url <> g.url
    and e.url = coalesce(c.document_url, c.url)
where g.gone is not null
