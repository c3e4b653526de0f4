"""Commands of the project: ``scrapy crawl`` with its messages and exit codes, and those that Scrapy does not have."""
