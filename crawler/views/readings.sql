-- documents that were read or refused
select county_code, url, sha256, outcome, reason, detail, title, report_id, reader from sources where reader is not null
