select table_no, edition, refused from form_tables where report_id = :report order by table_no
