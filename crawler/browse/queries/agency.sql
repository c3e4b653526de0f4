select * from agencies where id = :agency
