"""Reading portal pages: one module per content system, one contract. Knows nothing of reports."""
