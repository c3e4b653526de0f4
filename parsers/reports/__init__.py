"""Document in, Report out: title, issuer, sections, cells, statements, contacts. Knows nothing of portals."""
