-- where and when each document was seen
select county_code, url, sha256, page_url, first_seen, last_seen, first_run, last_run, gone
from sources where first_run is not null
