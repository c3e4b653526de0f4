"""Copied text: found where it was planted, not found where only everybody's phrases agree."""

from __future__ import annotations

import random
from time import perf_counter

import pytest

from parsers.reports.copies import LEAST, Pair, Passage, pairs, runs_of

SIGNS = [chr(0x4E00 + n) for n in range(3000)]
PLACES = "平罗县陶乐镇 洛宁县马店镇 郏县白庙乡 海原县七营镇 红寺堡区新庄集乡".split()


def sentence(rng: random.Random, length: int = 0) -> str:
    return "".join(rng.choices(SIGNS, k=length or rng.randint(18, 45)))


def written(rng: random.Random, sentences: list[str]) -> str:
    """Sentences with figures and a place between, as they stand in a report."""
    return "".join(
        f"{one}{rng.randint(1, 900)}条。" + (f"{rng.choice(PLACES)}，" if rng.random() < 0.2 else "")
        for one in sentences
    )


def edited(rng: random.Random, sentences: list[str], keep: float) -> list[str]:
    """A copy in which some sentences are new ones."""
    kept = [one if rng.random() < keep else sentence(rng, len(one)) for one in sentences]
    return kept if rng.random() < 0.7 else [*kept[1:], kept[0]]


def own(rng: random.Random, size: int = 14) -> list[str]:
    return [sentence(rng) for _ in range(size)]


def passage(key: int, owner: int, year: int, text: str) -> Passage:
    return Passage(key, owner, (year, "", key), text)


def test_the_same_text_with_other_figures_is_one() -> None:
    rng = random.Random(1)
    text = own(rng)
    one, two = written(random.Random(2), text), written(random.Random(2), text).replace("1", "7")
    assert pairs([passage(1, 1, 2023, one), passage(2, 2, 2024, two)]) == [Pair(2, 1, 1.0)]


def test_the_later_one_is_the_copy_whatever_the_order() -> None:
    rng = random.Random(3)
    text = own(rng)
    early, late = passage(9, 1, 2022, written(rng, text)), passage(1, 2, 2023, written(rng, text[:12] + own(rng, 2)))
    (pair,) = pairs([late, early])
    assert (pair.key, pair.twin) == (1, 9)
    assert 0.7 < pair.share < 0.95


@pytest.mark.parametrize(("kept", "found"), [(14, True), (11, True), (6, False), (0, False)])
def test_a_pair_shares_most_of_its_own_text(kept: int, found: bool) -> None:
    rng = random.Random(kept)
    text = own(rng)
    two = text[:kept] + own(rng, 14 - kept)
    assert bool(pairs([passage(1, 1, 2023, "。".join(text)), passage(2, 2, 2023, "。".join(two))])) is found


def test_what_everybody_writes_is_nobodys() -> None:
    rng = random.Random(5)
    phrases = own(rng, 20)
    made = [passage(n, n, 2024, written(rng, phrases + own(rng, 6))) for n in range(30)]
    made.append(passage(30, 30, 2024, made[4].text))
    assert [(pair.key, pair.twin) for pair in pairs(made)] == [(30, 4)]


def test_ones_own_text_of_many_years_is_no_boilerplate() -> None:
    rng = random.Random(6)
    text = own(rng)
    made = [passage(year, 1, year, written(rng, text)) for year in range(2008, 2025)]
    made += [passage(n, n, 2024, written(rng, own(rng))) for n in range(2, 12)]
    assert len(pairs(made)) == 17 * 16 // 2


def test_short_and_empty_texts_are_left_alone() -> None:
    short = "本年度未收取信息处理费。"
    assert pairs([passage(1, 1, 2023, short), passage(2, 2, 2023, short), passage(3, 3, 2023, "")]) == []
    assert len(runs_of(short)) < LEAST
    assert len(runs_of("")) == len(runs_of("五个字的话")) == 0


def test_hostile_text_is_bounded() -> None:
    start = perf_counter()
    assert pairs([passage(n, n, 2023, "长" * 3_000_000 + chr(0xD800)) for n in range(4)]) == []
    assert perf_counter() - start < 3


def test_a_large_family_gives_no_flood() -> None:
    rng = random.Random(8)
    text = own(rng)
    family = [passage(n, n % 8, 2000 + n, written(rng, text)) for n in range(400)]
    found = pairs(family)
    assert {pair.key for pair in found} == set(range(1, 400)), "everyone but the first is a copy"
    assert len(found) < 400 * 399 / 4


def corpus(size: int) -> tuple[list[Passage], set[tuple[int, int]], set[tuple[int, int]]]:
    """Passages of ``size`` reports by a fifth as many agencies, the copies planted in them, and pairs that may be
    called copies or not: they share about as much as a pair must.

    Every text has everybody's phrases, phrases of its region, and its own. A twelfth keeps 75 to 100 % of the own text
    of another agency, a twelfth that of its own last year; a twelfth takes a third, which is no copy.
    """
    rng = random.Random(size)
    everybody = own(rng, 60)
    regions = [own(rng, 25) for _ in range(max(2, size // 1000))]
    made: list[Passage] = []
    sources: list[list[str]] = []
    planted: set[tuple[int, int]] = set()
    doubtful: set[tuple[int, int]] = set()
    taken: set[int] = set()
    for n in range(size):
        year, owner = 2020 + n * 5 // size, n % (size // 5)
        text = own(rng, rng.randint(8, 26))
        free = [m for m in (rng.randrange(max(1, n)), n - size // 5) if 0 <= m < n and m not in taken]
        draw = rng.random()
        if free and draw < 1 / 4:
            source = free[-1] if 1 / 12 <= draw < 1 / 6 else free[0]
            taken |= {source, n}
            if draw < 1 / 6:
                text = edited(rng, sources[source], rng.uniform(0.75, 1))
                (planted if shared(text, sources[source]) >= 0.85 else doubtful).add((n, source))
            else:
                text = sources[source][: len(sources[source]) // 3] + text
        sources.append(text)
        phrases = rng.sample(everybody, 12) + rng.sample(regions[owner % len(regions)], 6)
        both = [*text, *phrases] if rng.random() < 0.5 else [*phrases, *text]
        made.append(passage(n, owner, year, written(rng, both)))
    return made, planted, doubtful


def shared(one: list[str], two: list[str]) -> float:
    both = sum(len(part) for part in set(one) & set(two))
    return both / max(sum(map(len, one)), sum(map(len, two)))


def judged(found: list[Pair], planted: set[tuple[int, int]], doubtful: set[tuple[int, int]]) -> tuple[float, float]:
    """Recall and precision."""
    called = {(pair.key, pair.twin) for pair in found} - doubtful
    return len(called & planted) / len(planted), len(called & planted) / len(called)


def test_planted_copies_are_found_in_a_small_corpus() -> None:
    made, planted, doubtful = corpus(1000)
    recall, precision = judged(pairs(made), planted, doubtful)
    assert len(planted) > 60
    assert recall >= 0.99
    assert precision >= 0.99


@pytest.mark.long
def test_planted_copies_are_found_among_20000_reports() -> None:
    made, planted, doubtful = corpus(20_000)
    start = perf_counter()
    found = pairs(made)
    seconds = perf_counter() - start
    recall, precision = judged(found, planted, doubtful)
    print(
        f"{len(made)} reports, {len(planted)} copies, {seconds:.1f} s, recall {recall:.4f}, precision {precision:.4f}"
    )
    assert recall >= 0.99
    assert precision >= 0.99
    assert seconds < 120
