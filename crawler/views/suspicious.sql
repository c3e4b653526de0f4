-- what a person should look at: checks that fail in the readings that count, dismissed ones left out
select
    r.id as report_id, r.county_code, r.agency, r.year, f."check", f.subject, f."left", f."right", f.severity,
    k.label_zh, k.label_en, f.cells, f.other_id, v.verdict, v.note, r.url, r.document_url
from findings f
join reports r on r.id = f.report_id and r.current = 1
join (select "check", min(label_zh) as label_zh, min(label_en) as label_en from checks group by "check") k
    on k."check" = f."check"
left join verdicts v on v.sha256 = r.sha256 and v."check" = f."check" and v.subject = f.subject
where f.status = 'fail' and coalesce(v.verdict, '') <> 'dismissed'
