select agency, year, number, heading, text, url, report_id, hits(text, :q) as hits
from search
where words match bigram_query(:q) and hits(text, :q)
order by hits desc, year desc limit 1000
