"""The honest user agent: it names the project and says whom to write to.

Settings::

    CONTACT = "https://…"                 # or an e-mail address; a page or a mailbox that somebody reads
    USER_AGENT = "Mozilla/5.0 (compatible; gongkai/0.1; +{contact})"
    DOWNLOADER_MIDDLEWARES = {
        "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
        "crawler.middlewares.agent.UserAgent": 500,
    }
"""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.settings import BaseSettings


def user_agent(settings: BaseSettings) -> str:
    """USER_AGENT with the contact in it. Raises ValueError without a contact: nobody could complain to us."""
    contact = str(settings.get("CONTACT") or "").strip()
    if not contact or not contact.isprintable():
        raise ValueError("CONTACT is empty: give an address that a portal's operator can write to")
    return str(settings["USER_AGENT"]).replace("{contact}", contact)


class UserAgent:
    def __init__(self, agent: str) -> None:
        self.agent = agent.encode("utf-8")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(user_agent(crawler.settings))

    def process_request(self, request: Request) -> None:
        request.headers[b"User-Agent"] = self.agent
