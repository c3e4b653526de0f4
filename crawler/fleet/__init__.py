"""Many machines: what they agree on in Redis, and what a job is on one of them. Nothing here is imported by a crawl on
one machine; ``crawler/cluster.py`` is what Dramatiq loads."""
