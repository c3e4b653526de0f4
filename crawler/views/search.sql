-- full text: where words match bigram_query('微信公众号') and hits(text, '微信公众号')
select
    x.texts_fts as words, r.id as report_id, r.county_code, r.agency, r.year, r.title, s.number, s.heading, s.text, r.url
from texts_fts x
join texts t on t.n = x.rowid
join reports r on r.id = t.report_id and r.current = 1
join sections s on s.report_id = t.report_id and instr(s.number, '.') = 0
