select table_no, label, "column", unit, value, mark, raw, place from extra_cells where report_id = :report order by n
