"""What happens to a request between the spider and the server, and to the answer on its way back: one file, one duty.

In the order of their numbers in ``DOWNLOADER_MIDDLEWARES`` (small ones stand beside the spider):

====  ==================  ==================================================================================
  10  outcomes.py         every failure reaches the errback as one of the outcomes of DESIGN.md, with a reason
 100  robots.py           robots.txt decides, for every request and also while it loads; Crawl-delay
 400  revalidation.py     documents are asked for with If-None-Match and If-Modified-Since
 500  agent.py            the honest user agent
 560  challenge.py        pages that stand in front of the page are unlocked once, or end as blocked
 585  normalise.py        what the bytes are: response class and charset; at 590 unpacking
 595  retry.py            asking again, the other scheme, bodies cut short, and when a host counts as down
 600  redirect.py         redirects that no filter may drop silently
 700  cookies.py          one jar for plain HTTP and the browser
 890  politeness.py       one slot for each server address, pauses, slowing down
====  ==================  ==================================================================================

``bandwidth.py`` is an extension: it stops a download as soon as headers or first bytes show what it is.
``rendering.py`` and ``tls.py`` serve ``crawler/handlers.py``, the download handler.
"""
