"""Scrapy as it comes: what the bare spider of the benchmark runs with."""

REMOTE_CONTROL_ENABLED = False
