select * from portals where code = :county
