select r.id, r.agency, r.year, r.title, s.number, s.heading, s.text
from (select rowid, rank from sections_fts where sections_fts match bigram_query(:q) order by rank limit 200) f
join sections s on s.id = f.rowid
join reports r on r.id = s.report_id
where r.current = 1 order by f.rank limit 51 offset :skip
