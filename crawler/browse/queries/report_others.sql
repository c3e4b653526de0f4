select id, year, media_type, url, document_url, current, published from reports
where agency_id = :agency and id <> :report order by year desc, current desc limit 60
