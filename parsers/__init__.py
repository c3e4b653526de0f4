"""Pure readers: bytes and strings in, dataclasses out. No Scrapy, no SQL, no clock, no network."""
