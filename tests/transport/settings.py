from crawler.settings import *  # noqa: F403

COMMANDS_MODULE = ""
USER_AGENT = "Mozilla/5.0 (compatible; gongkai/0.1; +{contact})"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "gongkai"
CRAWL_DELAY_MAX = 30.0

DOWNLOADER = "crawler.middlewares.politeness.PoliteDownloader"
DOWNLOAD_HANDLERS = {"http": "crawler.handlers.Transport", "https": "crawler.handlers.Transport"}
REQUEST_FINGERPRINTER_CLASS = "crawler.middlewares.normalise.Fingerprints"
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.outcomes.Outcomes": 10,
    "crawler.middlewares.robots.Robots": 100,
    "crawler.middlewares.revalidation.Revalidation": 400,
    "crawler.middlewares.agent.UserAgent": 500,
    "crawler.middlewares.challenge.Challenges": 560,
    "crawler.middlewares.redirect.MetaRefresh": 580,
    "crawler.middlewares.normalise.Normalise": 585,
    "crawler.middlewares.normalise.Unpacked": 590,
    "crawler.middlewares.retry.Retry": 595,
    "crawler.middlewares.redirect.Redirect": 600,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "crawler.middlewares.cookies.Cookies": 700,
    "crawler.middlewares.politeness.Politeness": 890,
}
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 0
RETRY_GIVE_UP_LOG_LEVEL = "INFO"
DOWNLOAD_FAIL_ON_DATALOSS = False
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"
DOWNLOAD_WARNSIZE = 0
