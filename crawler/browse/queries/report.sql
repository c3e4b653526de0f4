select r.*, a.kind from reports r join agencies a on a.id = r.agency_id where r.id = :report
