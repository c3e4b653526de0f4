select r.agency, r.year, s.heading, s.text, r.url, r.id as report_id
from (
    select rowid, rank
    from (select rowid, rank from sections_fts where sections_fts match bigram_query(:q) limit 20000)
    order by rank limit 1000
) f
join sections s on s.id = f.rowid
join reports r on r.id = s.report_id
where r.current = 1 order by f.rank
