-- sections and sub-sections, cut out of the report's text; a section's text has its sub-sections in it
select
    t.report_id, json_extract(c.value, '$[1]') as number, nullif(h.key, '') as key, h.heading,
    substr(t.text, json_extract(c.value, '$[2]') + 1, json_extract(c.value, '$[3]')) as text
from texts t cross join json_each(t.sections) c join headings h on h.id = json_extract(c.value, '$[0]')
