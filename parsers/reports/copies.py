"""Copied text: passages that repeat another agency's, or the year before's.

Letters and characters count, figures, blanks and punctuation do not: the same text with new numbers is the same text.
A passage is the set of its runs of six characters; runs that many agencies use (the form's own phrases, quoted rules)
are nobody's text and are left out. MinHash finds who may have copied from whom, and the sets themselves decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

RUN = 6
"""Characters of a run: three words, rarely in common by chance, and not many lost around a changed name."""
LEAST = 40
"""Runs of its own that a passage needs: a shorter one (未收取信息处理费) says nothing about copying."""
SHARE = 0.6
"""A pair shares at least so much of the longer of both passages."""
BOILERPLATE = 0.01
BOILERPLATE_LEAST = 8
"""What more than a hundredth of the agencies use, and more than eight, is boilerplate."""
ROWS, BANDS = 3, 85
"""Of pairs at ``SHARE`` (Jaccard 0.43) this finds 99.9 %, of those that share a fiftieth 0.07 %."""
ESTIMATE = 0.25
"""Candidates whose signatures agree less are not looked at: five standard deviations below the worst true pair."""
LARGEST_GROUP = 24
"""Passages alike of which all pairs are told; in a larger family each is compared with so many of the others: the first
ones and those right before it. Who is a copy is found all the same."""
LONGEST = 200_000
BUCKETS = 1 << 24
CHUNK = 4096
SEED = 20
# figures, blanks and punctuation: everything but letters and characters
SILENT = re.compile(r"[\W\d_]+")

Runs = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, whose it is, and when it came: of two alike the later is the copy. ``key`` names it for the caller."""

    key: int
    owner: int
    order: tuple[int, str, int]
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """``share``: how much of the copy's own text (boilerplate left out) stands in its twin, 0 to 1."""

    key: int
    twin: int
    share: float


def pairs(passages: Sequence[Passage]) -> list[Pair]:
    """Every pair of passages that share most of their own text, in a fixed order.

    A passage that holds a much shorter one whole is no pair: ``SHARE`` is of the longer one.
    """
    ordered = sorted(passages, key=lambda passage: (passage.order, passage.key))
    runs = [runs_of(passage.text) for passage in ordered]
    common = _common(runs, [passage.owner for passage in ordered])
    own = [each[~common[each % BUCKETS]] for each in runs]
    kept = [n for n, each in enumerate(own) if len(each) >= LEAST]
    if len(kept) < 2:
        return []
    sets = [own[n] for n in kept]
    found = []
    for first, second in _candidates(_signatures(sets)):
        common_runs = len(np.intersect1d(sets[first], sets[second], assume_unique=True))
        if common_runs >= SHARE * max(len(sets[first]), len(sets[second])):
            twin, copy = ordered[kept[first]], ordered[kept[second]]
            found.append(Pair(copy.key, twin.key, round(common_runs / len(sets[second]), 4)))
    return found


def runs_of(text: str) -> Runs:
    """The hashes of all runs of a text, each once, sorted."""
    letters = SILENT.sub("", text[:LONGEST])
    if len(letters) < RUN:
        return np.empty(0, np.uint32)
    signs = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    total = np.zeros(len(signs) - RUN + 1, np.uint64)
    for n in range(RUN):  # a polynomial over the characters, modulo 2**64
        total = total * np.uint64(0x9E3779B97F4A7C15) + signs[n : len(signs) - RUN + 1 + n]
    total ^= total >> np.uint64(29)
    total *= np.uint64(0xBF58476D1CE4E5B9)
    return np.unique((total >> np.uint64(32)).astype(np.uint32))


def _common(runs: Sequence[Runs], owners: Sequence[int]) -> npt.NDArray[np.bool_]:
    """For each bucket of runs whether more agencies use it than text of one's own can be used by."""
    counts = np.zeros(BUCKETS, np.uint32)
    by_owner: dict[int, list[Runs]] = {}
    for each, owner in zip(runs, owners, strict=True):
        by_owner.setdefault(owner, []).append(each)
    for theirs in by_owner.values():
        counts[np.unique(np.concatenate(theirs) % BUCKETS)] += 1
    return counts > max(BOILERPLATE_LEAST, BOILERPLATE * len(by_owner))


def _signatures(sets: Sequence[Runs]) -> npt.NDArray[np.uint32]:
    """One row of minima for each set."""
    signatures = np.empty((len(sets), ROWS * BANDS), np.uint32)
    for start in range(0, len(sets), CHUNK):
        some = sets[start : start + CHUNK]
        offsets = np.concatenate([[0], np.cumsum([len(each) for each in some])]).astype(np.uint64)
        flat = np.concatenate(some).astype(np.uint64)
        # the runs are spread over 64 bits again: the library permutes the upper half
        flat *= np.uint64(0x9E3779B97F4A7C15)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, ROWS * BANDS, SEED)
        signatures[start : start + len(some)] = matrix.to_rows()
    return signatures


def _candidates(signatures: npt.NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """Pairs of rows, the smaller number first, that agree in a whole band and enough besides."""
    found = np.empty(0, np.int64)
    for band in range(BANDS):
        columns = signatures[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
        mixed = columns[:, 0]
        for n in range(1, ROWS):
            mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15) + columns[:, n]
        found = np.union1d(found, np.fromiter(_alike(mixed), np.int64))
    firsts, seconds = found >> 32, found & 0xFFFFFFFF
    for start in range(0, len(found), CHUNK):
        some = slice(start, start + CHUNK)
        agree = (signatures[firsts[some]] == signatures[seconds[some]]).mean(axis=1)
        for place in np.flatnonzero(agree >= ESTIMATE):
            yield int(firsts[start + place]), int(seconds[start + place])


def _alike(values: npt.NDArray[np.uint64]) -> Iterator[int]:
    """Pairs of places with equal values, as first << 32 | second."""
    order = np.argsort(values, kind="stable")
    in_order = values[order]
    starts = np.flatnonzero(np.concatenate([[True], in_order[1:] != in_order[:-1]]))
    ends = np.append(starts[1:], len(values))
    for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
        yield from _within(order[start:end].tolist())


def _within(group: list[int]) -> Iterable[int]:
    """All pairs of a group; in a large one each member with the first and with those right before it."""
    for n, second in enumerate(group):
        near = group[:n] if n <= LARGEST_GROUP else {*group[: LARGEST_GROUP // 2], *group[n - LARGEST_GROUP // 2 : n]}
        yield from (first << 32 | second for first in near)
