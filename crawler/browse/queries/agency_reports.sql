select r.id, r.year, r.title, r.published, r.edition, r.url, r.document_url, r.media_type,
    (select count(*) from findings_long f where f.report_id = r.id and f.status = 'fail') as failures,
    (
        select count(*) from findings_long f join checks k on k.key = f.key
        where f.report_id = r.id and f.status = 'fail' and f.across = 0 and k.severity = 'error'
    ) as errors
from reports r where r.agency_id = :agency and r.current = 1 order by r.year
