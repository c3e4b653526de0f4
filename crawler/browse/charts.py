"""Charts as inline SVG, made on the server: no script, no style, readable by a screen reader as title and text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 560, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 14, 30


@dataclass(frozen=True, slots=True)
class Series:
    """One value a year; None where nothing is known, which is not drawn as zero. ``tone`` is a class of the sheet."""

    name: str
    values: tuple[float | None, ...]
    tone: str


def bars(
    title: str,
    years: Sequence[int],
    series: Sequence[Series],
    *,
    unknown: str,
    marked: Collection[int] = (),
) -> str:
    """Stacked bars, one a year. A year of which nothing is known has the sign ``unknown`` in place of a bar; ``marked``
    years have an asterisk."""
    tops = [sum(s.values[n] or 0 for s in series) for n in range(len(years))]
    top = _nice(max(tops, default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(years), 1)
    width = min(step * 0.62, 54)
    parts = _frame(title, _told(years, series, unknown), top)
    for n, year in enumerate(years):
        middle = LEFT + step * (n + 0.5)
        parts.append(
            f'<text class="year" x="{middle:.1f}" y="{HEIGHT - 10}" text-anchor="middle">'
            f"{year}{'*' if year in marked else ''}</text>"
        )
        if all(s.values[n] is None for s in series):
            parts.append(f'<text class="mute" x="{middle:.1f}" y="{HEIGHT - BOTTOM - 6}" text-anchor="middle">'
                         f"{escape(unknown)}</text>")  # fmt: skip
            continue
        floor = 0.0
        for each in series:
            value = each.values[n] or 0
            high = (HEIGHT - TOP - BOTTOM) * value / top
            y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * floor / top - high
            if value:
                parts.append(
                    f'<rect class="{each.tone}" x="{middle - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" '
                    f'height="{high:.1f}"><title>{year} {escape(each.name)} {plain(value)}</title></rect>'
                )
            floor += value
        label_y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * floor / top - 4
        parts.append(f'<text class="value" x="{middle:.1f}" y="{max(label_y, 11):.1f}" text-anchor="middle">'
                     f"{_short(tops[n])}</text>")  # fmt: skip
    return "".join([*parts, "</svg>"])


def _frame(title: str, told: str, top: float) -> list[str]:
    """The opening of a chart with its grid; a screen reader hears the title and all values."""
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}: {escape(told)}">'
    ]
    for share in (0, 0.5, 1):
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="axis" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_short(top * share)}</text>'
        )
    return parts


def _told(years: Sequence[int], series: Sequence[Series], unknown: str) -> str:
    """Every value in words."""
    said = []
    for n, year in enumerate(years):
        values = [f"{s.name} {unknown if (value := s.values[n]) is None else plain(value)}" for s in series]
        said.append(f"{year}: {', '.join(values)}")
    return "; ".join(said)


def _nice(value: float) -> float:
    """The next number of 1, 2, 4, 5, 10, 20 … that is not below; 4 at least, so that halves are whole."""
    size = 1.0
    while size * 10 <= value:
        size *= 10
    return max(4.0, next(size * step for step in (1, 2, 4, 5, 6, 8, 10) if size * step >= value))


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if 10_000 <= value < 1e8 and value % 100 == 0 else plain(value)


def plain(value: float) -> str:
    """All digits of a number: 1234567, 27.43."""
    return str(int(value)) if value == int(value) else repr(value)
