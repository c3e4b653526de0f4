"""The dataset in a browser: Datasette, with pages of our own for provinces, counties, agencies and reports.

Read-only. The queries stand in ``queries/*.sql``, one a file. What comes from portals is hostile: documents are taken
apart in worker processes with limits, put together from what is known to be harmless, and shown in a frame that may
run nothing and load nothing.
"""
