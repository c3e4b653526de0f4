-- one row per agency, year and measure; only what is comparable between the editions of the form, and only numbers
select
    r.county_code, r.agency, r.year, m.measure, json_extract(c.value, '$[0]') as value, m.unit, t.edition,
    s.likeness, r.id as report_id
from form_tables t
join reports r on r.id = t.report_id and r.current = 1 and r.year is not null
join json_each(t.cells) c
join measure_sources s
    on s.edition = t.edition and s.table_no = t.table_no and s.n = c.key and s.n2 is null and s.likeness <> 'close'
join measures m on m.id = s.measure_id
where t.refused is null and c.type = 'array' and json_extract(c.value, '$[0]') is not null
union all
select
    r.county_code, r.agency, r.year, m.measure,
    json_extract(t.cells, '$[' || s.n || '][0]') + json_extract(t.cells, '$[' || s.n2 || '][0]')
        + case when s.n3 is null then 0 else json_extract(t.cells, '$[' || s.n3 || '][0]') end as value,
    m.unit, t.edition, s.likeness, r.id
from form_tables t
join reports r on r.id = t.report_id and r.current = 1 and r.year is not null
join measure_sources s
    on s.edition = t.edition and s.table_no = t.table_no and s.n2 is not null and s.likeness <> 'close'
join measures m on m.id = s.measure_id
where t.refused is null and json_extract(t.cells, '$[' || s.n || '][0]') is not null
    and json_extract(t.cells, '$[' || s.n2 || '][0]') is not null
    and (s.n3 is null or json_extract(t.cells, '$[' || s.n3 || '][0]') is not null)
