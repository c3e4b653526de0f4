select number, heading, text from sections where report_id = :report and instr(number, '.') = 0 order by number
