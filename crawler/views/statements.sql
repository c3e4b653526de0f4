-- numbers stated in the text, each with the words around it
select
    t.report_id, c.key + 1 as n, w.topic, json_extract(c.value, '$[1]') as value, w.unit, w.qualifier,
    substr(t.text, json_extract(c.value, '$[2]') + 1, json_extract(c.value, '$[3]')) as quote,
    json_extract(c.value, '$[4]') as section, json_extract(c.value, '$[5]') as part_of
from texts t cross join json_each(t.statements) c join topics w on w.id = json_extract(c.value, '$[0]')
