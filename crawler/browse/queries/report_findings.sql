select f."check", f.subject, f."left", f."right", f.status, f.cells, f.severity, f.other_id, v.verdict, v.note
from findings f
left join verdicts v on v.sha256 = :sha256 and v."check" = f."check" and v.subject = f.subject
where f.report_id = :report
order by f.status, f.severity <> 'error', f.severity <> 'warn', f."check", f.subject
