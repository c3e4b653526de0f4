-- of a word that stands in more than 20,000 sections the first 20,000 are ranked: ranking 700,000 takes seconds
select r.id, r.agency, r.year, r.title, s.number, s.heading, s.text
from (
    select rowid, rank
    from (select rowid, rank from sections_fts where sections_fts match bigram_query(:q) limit 20000)
    order by rank limit 200
) f
join sections s on s.id = f.rowid
join reports r on r.id = s.report_id
where r.current = 1 order by f.rank limit 51 offset :skip
