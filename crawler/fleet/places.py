"""Which counties share a server: addresses and domains of portals, and the jobs that follow from them."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

from crawler.portals import Portal
from parsers.listings.keys import own_domain

LOOKUPS = 32
SECONDS = 20.0
"""For all look-ups together: a name that takes longer counts as a place of its own."""
COUNTIES = 20
"""Counties of one job: a platform of a hundred counties is several jobs, one after the other."""


def host_names(portal: Portal) -> list[str]:
    return list(dict.fromkeys(_name(host) for host in portal.hosts))


def _name(host: str) -> str:
    """``www.a.gov.cn:8080`` -> ``www.a.gov.cn``, ``[::1]:80`` -> ``::1``."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def look_up(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Addresses of host names; a name without an answer is left out."""
    names = list(dict.fromkeys(names))
    pool = ThreadPoolExecutor(max_workers=LOOKUPS)
    tasks = {name: pool.submit(partial(socket.getaddrinfo, name, None, type=socket.SOCK_STREAM)) for name in names}
    wait(tasks.values(), timeout=SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    found = {}
    for name, task in tasks.items():
        if task.done() and not task.cancelled() and task.exception() is None:
            found[name] = tuple(sorted({str(entry[4][0]) for entry in task.result()}))
    return found


def addresses(portals: Iterable[Portal]) -> tuple[str, ...]:
    """Every address of some portals, as this machine sees them."""
    found = look_up(name for portal in portals for name in host_names(portal))
    return tuple(sorted({address for each in found.values() for address in each}))


def places_of(portal: Portal, found: dict[str, tuple[str, ...]]) -> set[str]:
    """What only one job may ask at a time because of this portal: its domains, below which its sub-sites live, and the
    addresses of its hosts."""
    names = host_names(portal)
    return {own_domain(name) for name in names} | {address for name in names for address in found.get(name, ())}


def groups(portals: Sequence[Portal]) -> list[tuple[list[Portal], tuple[str, ...]]]:
    """Portals that share a place, directly or through others, with all their places; big groups in parts that still
    name all places, so that only one part is crawled at a time."""
    found = look_up(name for portal in portals for name in host_names(portal))
    parent: dict[str, str] = {}

    def root(place: str) -> str:
        while parent.setdefault(place, place) != place:
            parent[place] = place = parent[parent[place]]
        return place

    of = {portal.code: sorted(places_of(portal, found)) for portal in portals}
    for names in of.values():
        for other in names[1:]:
            parent[root(other)] = root(names[0])
    together: dict[str, list[Portal]] = {}
    for portal in portals:
        together.setdefault(root(of[portal.code][0]), []).append(portal)
    made = []
    for members in together.values():
        places = tuple(sorted({place for portal in members for place in of[portal.code]}))
        made += [(members[n : n + COUNTIES], places) for n in range(0, len(members), COUNTIES)]
    return made
