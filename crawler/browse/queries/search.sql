-- of words that stand in more than 20,000 reports the first 20,000 are ranked: titles first, then by how often they stand
select r.id, r.agency, r.year, r.title, found.text
from (
    select t.report_id, t.text, hits(r.title, :q) as in_title, hits(r.title || ' ' || t.text, :q) as n
    from (select rowid from texts_fts where texts_fts match bigram_query(:q) limit 20000) x
    join texts t on t.n = x.rowid
    join reports r on r.id = t.report_id and r.current = 1
) found
join reports r on r.id = found.report_id
where found.n > 0
order by found.in_title > 0 desc, found.n desc, r.year desc, r.id limit 51 offset :skip
