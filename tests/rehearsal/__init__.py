"""The national rehearsal: a portal for every county of the division list, served on loopback and crawled."""
