"""The machine: what Scrapy plugs in, and the only room that writes."""
