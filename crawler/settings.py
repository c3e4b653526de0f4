"""Every value that differs from Scrapy's, with the reason beside it."""

BOT_NAME = "gongkai"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawler.commands"

# Where archive.db (the evidence) and reports.db (the dataset) live.
DATA_DIR = "data"

# An operator of a portal must be able to see who asks and whom to write to.
CONTACT = "https://github.com/gongkai/gongkai"
USER_AGENT = f"gongkai/0.1 (+{CONTACT})"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    # Scrapy's default asks for English; some portals then answer with a stub
    "Accept-Language": "zh-CN,zh;q=0.9",
}

# A town's server gets one request at a time, a second apart. The delay is never 0: with 0, Scrapy 2.14 to 2.19 does
# not count the requests that are under way and sends up to 15 at once.
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.3
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 128  # across all hosts; politeness is per host

# Slow portals answer in 3 to 15 s; one that is down may cost a minute at most.
DOWNLOAD_TIMEOUT = 30
RETRY_TIMES = 2
REDIRECT_MAX_TIMES = 5
DOWNLOAD_MAXSIZE = 64 * 1024**2
DOWNLOAD_WARNSIZE = 16 * 1024**2

# Reports are read in processes of their own, bounded per document.
READ_WORKERS = 2
READ_TIMEOUT = 120  # a scanned report of ten pages takes 15 s on a slow core
READ_MEMORY_MB = 4096  # address space; recognising scans maps 1.5 GB
DOCUMENT_MAX_BYTES = 64 * 1024**2
DOCUMENT_MAX_UNPACKED = 256 * 1024**2
DOCUMENT_MAX_PAGES = 200
DOCUMENT_MAX_CELLS = 200_000
DOCUMENT_MAX_MEMBERS = 500

ITEM_PIPELINES = {
    "crawler.pipelines.Archive": 100,
    "crawler.pipelines.Read": 200,
    "crawler.pipelines.Check": 300,
}
EXTENSIONS = {
    "crawler.ledger.Ledger": 100,
    "crawler.progress.Progress": 200,
    # both open a port; a crawler on a server should not
    "scrapy.extensions.telnet.TelnetConsole": None,
}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
MEMUSAGE_LIMIT_MB = 4096
LOGSTATS_INTERVAL = 60.0
LOG_LEVEL = "INFO"
LOG_FORMATTER = "crawler.progress.QuietFormatter"

# the browser is asked for by a request, never by a default
PLAYWRIGHT_LAUNCH_OPTIONS: dict[str, object] = {}
