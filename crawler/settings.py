"""Every value that differs from Scrapy's, with the reason beside it."""

import os

BOT_NAME = "gongkai"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawler.commands"

# Where archive.db (the evidence) and reports.db (the dataset) live.
DATA_DIR = "data"
TODAY = ""  # the day that deadlines and due dates are counted from; empty: the machine's
DATABASE_TIMEOUT = 30  # seconds that a write waits for another program that holds the database

# -- Who asks --------------------------------------------------------------------------------------------------------
# An operator of a portal must be able to see who asks and whom to write to: a page or a mailbox that somebody reads.
CONTACT = "https://github.com/gongkai/gongkai"
USER_AGENT = "Mozilla/5.0 (compatible; gongkai/0.1; +{contact})"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    # Scrapy's default asks for English; some portals then answer with a stub
    "Accept-Language": "zh-CN,zh;q=0.9",
}

# -- Politeness ------------------------------------------------------------------------------------------------------
# A town's server gets one request at a time, a second apart. The delay is never 0: with 0, Scrapy 2.14 to 2.19 does
# not count the requests that are under way and sends up to 15 at once.
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "gongkai"
CRAWL_DELAY_MAX = 30.0  # seconds; a longer Crawl-delay is cut to this, with a warning
DOWNLOADER = "crawler.middlewares.politeness.PoliteDownloader"
DOWNLOAD_DELAY = 1.0  # seconds between the end of an answer and the next request
DOWNLOAD_DELAY_JITTER = 0  # it would also shorten the delay
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 0  # no limit over all servers: the limit is each server's slot
AUTOTHROTTLE_ENABLED = False  # the pace in politeness.py takes its place
POLITENESS_BY_ADDRESS = True  # sub-sites and counties on one server share its slot
SLOWDOWN_MAX = 60.0  # seconds
BACKOFF_START = 5.0  # seconds of silence after a refusal, four times as long after each further one
BACKOFF_MAX = 120.0  # seconds, also when Retry-After asks for more

# -- Transport -------------------------------------------------------------------------------------------------------
DOWNLOAD_HANDLERS = {"http": "crawler.handlers.Transport", "https": "crawler.handlers.Transport"}
CONNECT_TIMEOUT = 10.0
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"  # some portals have only an IPv6 address
DOWNLOAD_TIMEOUT = 30  # seconds; slow portals answer in 3 to 15
DOWNLOAD_FAIL_ON_DATALOSS = False  # retry.py recognises a body cut short, and keeps its bytes
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408, 429]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"
STATS_DUMP = False  # the table runs keeps them
HOST_DOWN_AFTER = 55.0  # seconds that a host may cost that has never answered
OUTAGE_AFTER = 120.0
REDIRECT_MAX_TIMES = 5
PAGE_MAX_BYTES = 16 * 1024**2
DOWNLOAD_MAXSIZE = 64 * 1024**2
DOWNLOAD_WARNSIZE = 0  # bandwidth.py says what was too large
REQUEST_FINGERPRINTER_CLASS = "crawler.middlewares.normalise.Fingerprints"
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.outcomes.Outcomes": 10,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.robots.Robots": 100,
    "crawler.middlewares.revalidation.Revalidation": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "crawler.middlewares.agent.UserAgent": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawler.middlewares.challenge.Challenges": 560,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.middlewares.redirect.MetaRefresh": 580,
    "crawler.middlewares.normalise.Normalise": 585,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.normalise.Unpacked": 590,
    "crawler.middlewares.retry.Retry": 595,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.middlewares.redirect.Redirect": 600,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "crawler.middlewares.cookies.Cookies": 700,
    "crawler.middlewares.politeness.Politeness": 890,
}

# -- Challenges and rendering: a browser is started by the first page that needs one -----------------------------------
CHROMIUM = ""  # path of a browser; empty: crawler/browser.py finds one
CHALLENGE_UNLOCKS = 50  # for each host in one run
RENDER_TIMEOUT = 40.0  # seconds of a page's own time; waiting for politeness is not counted
RENDER_CONCURRENCY = 2
RENDER_CONTEXTS = 4
RENDER_CONTEXT_PAGES = 50  # a context grows by 20 to 35 MB in 100 pages
RENDER_BROWSER_PAGES = 400
RENDER_REQUESTS_MAX = 80
RENDER_PAGE_BYTES = 16 * 1024**2

# -- Navigation ------------------------------------------------------------------------------------------------------
NAVIGATION_PAGES = 400  # pages that a portal may cost besides reports
NAVIGATION_RENDERS = 40

# -- Reading: in processes of its own, bounded for each document ------------------------------------------------------
READ_WORKERS = os.cpu_count() or 1
READ_TIMEOUT = 120  # seconds; a scanned report of ten pages takes 15 on a slow core
READ_MEMORY_MB = 4096  # address space; recognising scans maps 1.5 GB
COPIES_AT_CLOSE = 5000  # reports up to which a crawl looks for copied texts at its end (4 s); else a reread does
DOCUMENT_MAX_BYTES = 64 * 1024**2
DOCUMENT_MAX_UNPACKED = 256 * 1024**2
DOCUMENT_MAX_PAGES = 200
DOCUMENT_MAX_CELLS = 200_000
DOCUMENT_MAX_MEMBERS = 500

# -- Portals: `scrapy crawl portals` ---------------------------------------------------------------------------------
PORTALS_PAGES = 12_000  # pages of one search: the country has some 3,200 portals, and guides to them

# Scrapy reads the source of a callback for every answer to find a return in a generator; a type checker finds it once.
WARN_ON_GENERATOR_RETURN_VALUE = False

ITEM_PIPELINES = {
    "crawler.pipelines.Archive": 100,
    "crawler.pipelines.Read": 200,
    "crawler.registry.Register": 400,
}
# Scrapy's own, without the two that open a port and load aiohttp and conch to find out that they may not
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.memdebug.MemoryDebugger": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.logstats.LogStats": 0,
    "scrapy.extensions.spiderstate.SpiderState": 0,
}
EXTENSIONS = {
    "crawler.middlewares.bandwidth.Bandwidth": 0,
    "crawler.ledger.Ledger": 100,
    "crawler.visits.Visits": 150,
    "crawler.progress.Progress": 200,
    "crawler.monitors.Watch": 300,
}
# -- Watching: a run that fell behind is said aloud ------------------------------------------------------------------
IF_BUSY = "refuse"  # "skip": for schedules, ends at once with 0 when another crawl writes into the folder
SPIDERMON_ENABLED = True
SPIDERMON_ENGINE_STOP_MONITORS = ("crawler.monitors.RunSuite",)  # the ledger has been closed by then
NOTIFY_WHEN = "alarm"  # "always": after every run
NOTIFY_COMMAND = ""
NOTIFY_WEBHOOK = ""
NOTIFY_EMAIL = ""
NOTIFY_EMAIL_FROM = "gongkai@localhost"
NOTIFY_SMTP = "localhost:25"
RECORDED_DIR = "tests/recorded"

TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
CONCURRENT_ITEMS = 8  # Scrapy starts so many tasks for every answer, and its default of 100 cost 2 ms each time
MEMUSAGE_LIMIT_MB = 4096
LOG_LEVEL = "INFO"
STATS_DUMP = False  # the table runs keeps them
LOG_FORMATTER = "crawler.progress.QuietFormatter"
