select topic, value, unit, qualifier, quote, section from statements where report_id = :report order by n
