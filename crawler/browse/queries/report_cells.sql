select table_no, "row", "column", value, mark, raw, place, doubt from cells where report_id = :report
