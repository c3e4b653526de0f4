"""Lets every Python below the harness find the portals: names in $GONGKAI_TEST_HOSTS go to loopback.

glibc does not resolve ``*.localhost``; Chromium does, always to 127.0.0.1, where the same servers listen too.
"""

import os
import socket
from typing import Any

_FILE = os.environ.get("GONGKAI_TEST_HOSTS", "")
if _FILE and os.path.exists(_FILE):
    with open(_FILE, encoding="ascii") as lines:
        _KNOWN = {name: line.split()[0] for line in lines for name in line.split()[1:]}
    _getaddrinfo, _gethostbyname = socket.getaddrinfo, socket.gethostbyname

    def _address(host: Any) -> Any:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        return _KNOWN.get(name.lower().rstrip("."), host) if isinstance(name, str) else host

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        return _getaddrinfo(_address(host), *args, **kwargs)

    def gethostbyname(host: Any) -> Any:
        return _gethostbyname(_address(host))

    socket.getaddrinfo, socket.gethostbyname = getaddrinfo, gethostbyname
