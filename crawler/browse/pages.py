"""The pages: each asks the dataset its questions and fills a template."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Request, Response

from crawler.browse import charts, places, summary, tables
from crawler.browse.queries import query
from crawler.browse.rooms import NotArchived, ShowingRoom
from crawler.browse.showing import START, Spot, anchor
from crawler.browse.words import Language, choose, said
from crawler.dataset import VERSION
from parsers.documents.model import Unread

DATABASE = "reports"
OUTCOMES = ("held", "unread", "absent", "unlisted", "blocked", "disallowed", "unreachable", "due")
PAGE = 50
GROUPS = ("granted", "partial", "denied", "unavailable", "refused", "other")
DISPUTES = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
SNIPPET = 60
COPIED = "COPIED"
"""The check whose left side is a share and not a sum."""
SHOW = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox"
"""For documents: nothing runs, nothing is loaded but pictures of pages from here, and the frame has no origin."""

Row = Mapping[str, Any]
View = Callable[[Datasette, Request], Awaitable[Response]]


class Missing(LookupError):
    """There is no such page."""


class Page:
    """One request: its language, and how to ask and to answer."""

    def __init__(self, datasette: Datasette, request: Request) -> None:
        self.datasette = datasette
        self.request = request
        self.database = datasette.get_database(DATABASE)
        self.asked = request.args.get("lang")
        self.language: Language = choose(
            self.asked, request.cookies.get("lang"), request.headers.get("accept-language")
        )
        self.words = said(self.language)

    async def rows(self, name: str, /, **values: object) -> list[dict[str, Any]]:
        """The rows of a query, within the server's limit of time. Raises QueryInterrupted."""
        found = await self.database.execute(query(name), values)
        return [dict(row) for row in found.rows]

    async def row(self, name: str, /, **values: object) -> dict[str, Any]:
        """The one row of a query. Raises Missing."""
        found = await self.rows(name, **values)
        if not found:
            raise Missing(name)
        return found[0]

    def number(self, name: str, otherwise: int = 0) -> int:
        """A number of the address (a part of the path, or an argument). Raises Missing for what is none."""
        text = self.request.url_vars.get(name) or self.request.args.get(name)
        if text is None:
            return otherwise
        if not re.fullmatch(r"\d{1,16}", text):
            raise Missing(text)
        return int(text)

    async def answer(self, template: str, status: int = 200, **context: Any) -> Response:
        here = self.request.path
        kept = [(k, v) for k in self.request.args if k != "lang" for v in self.request.args.getlist(k)]
        other = "zh" if self.language == "en" else "en"
        pairs = [*kept, ("lang", other)]
        context |= {
            "t": self.words,
            "lang": self.language,
            "switch": f"{here}?{'&'.join(f'{quote(k)}={quote(v)}' for k, v in pairs)}",
            "province_name": lambda code: places.province_name(code, self.language),
            "county_name": places.county_name,
            "check_name": lambda check: tables.check_name(check, self.language),
            "subject_name": lambda subject: tables.subject_name(subject, self.language),
            "web": web,
            "plain": charts.plain,
            "sides": sides,
        }
        html = await self.datasette.render_template(f"gongkai/{template}.html", context, request=self.request)
        response = Response.html(html, status=status)
        if self.asked in {"zh", "en"}:
            response.set_cookie("lang", self.language, max_age=365 * 86400, samesite="lax", httponly=True)
        return response


def web(address: object) -> str:
    """An address that may be linked: http or https, nothing else."""
    text = str(address or "")
    return text if urlsplit(text).scheme in {"http", "https"} else ""


def sides(finding: Row) -> str:
    """Both sides of a finding that fails: 5 ≠ 6; the share of a copied text: 93 %."""
    left, right = finding["left"], finding["right"]
    if finding["check"] == COPIED and left is not None:
        return f"{left:.0%}"
    return f"{'–' if left is None else left} ≠ {'–' if right is None else right}"


def guarded(view: Callable[[Page], Awaitable[Response]]) -> View:
    """A view that answers what is missing or too slow with a page of its own."""

    async def answer(datasette: Datasette, request: Request) -> Response:
        page = Page(datasette, request)
        try:
            return await view(page)
        except Missing:
            return await page.answer("message", 404, message=page.words["not_found"])
        except QueryInterrupted:
            return await page.answer("message", 503, message=page.words["too_slow"])

    return answer


# ---- home, provinces, counties


def _best_year(years: Sequence[int], asked: int, held: Callable[[int], bool]) -> int:
    """The year asked for, else the newest of which anything is held."""
    if asked in years:
        return asked
    return next((year for year in years if held(year)), years[0] if years else 0)


@guarded
async def home(page: Page) -> Response:
    counts = await page.datasette._gongkai_summary.newest(page.database)
    years = counts.years
    year = _best_year(years, page.number("year"), lambda y: counts.of([y])["held"] > 0)
    codes = sorted({code for code, _ in counts.outcomes} | {code for code, _ in counts.held})
    lines = summary.shares(counts, year, {code: places.province_name(code, page.language) for code in codes})
    past = sorted(years)[-8:]
    held = {y: counts.of([y])["held"] for y in past}
    gone = {y: sum(n for what, n in counts.of([y]).items() if what not in {"held", "due"}) for y in past}
    chart = charts.bars(
        page.words["by_year"],
        past,
        [
            charts.Series(page.words["held"], tuple(held[y] for y in past), "tone-1"),
            charts.Series(page.words["missing"], tuple(gone[y] for y in past), "tone-0"),
        ],
        unknown=page.words["chart_gap"],
    )
    by_code = {line["code"]: line for line in lines}
    return await page.answer(
        "home",
        counts=counts,
        total=sum(counts.held.values()),
        failing=sum(counts.checks().values()),
        years=years,
        year=year,
        lines=lines,
        tiles=[(tile, by_code.get(tile.code)) for tile in places.TILES.values()],
        chart=chart if past else "",
        past=[(y, held[y], gone[y]) for y in past],
        checks=counts.checks().most_common(8),
    )


@guarded
async def province(page: Page) -> Response:
    code = page.request.url_vars["province"]
    counts = await page.datasette._gongkai_summary.newest(page.database)
    found: dict[str, dict[int, Counter[str]]] = {}
    for row in await page.rows("counties", province=code, after=code + ":"):
        found.setdefault(row["county_code"], {}).setdefault(row["year"], Counter())[row["outcome"]] += row["n"]
    if not found:
        raise Missing(code)
    years = sorted({year for by_year in found.values() for year in by_year}, reverse=True)[:8]
    return await page.answer(
        "province",
        code=code,
        years=years,
        counties={county: [_coverage(by_year.get(year)) for year in years] for county, by_year in found.items()},
        checks=counts.checks(code).most_common(8),
    )


def _coverage(outcomes: Counter[str] | None) -> tuple[int, int, float] | None:
    """(held, expected, share), or None where nothing was expected yet."""
    if outcomes is None:
        return None
    expected = sum(outcomes.values()) - outcomes["due"]
    return (outcomes["held"], expected, outcomes["held"] / expected) if expected else None


@guarded
async def county(page: Page) -> Response:
    code = page.request.url_vars["county"]
    portals = await page.rows("portal", county=code)
    coverage = await page.rows("county_coverage", county=code)
    reports = await page.rows("county_reports", county=code)
    if not (portals or coverage or reports):
        raise Missing(code)
    agencies: dict[str, dict[int, Row]] = {}
    ids: dict[str, int] = {}
    for row in coverage:
        agencies.setdefault(row["agency"], {})[row["year"]] = row
    for row in reports:
        cell = {"outcome": "held", "report_id": row["id"], "reason": ""}
        agencies.setdefault(row["agency"], {}).setdefault(row["year"] or 0, cell)
        ids[row["agency"]] = row["agency_id"]
    years = sorted({year for row in agencies.values() for year in row}, reverse=True)
    order = sorted(agencies, key=lambda name: (name not in ids, not name.endswith("人民政府"), name))
    return await page.answer(
        "county",
        code=code,
        portal=portals[0] if portals else None,
        years=years,
        agencies=[(name, ids.get(name), [agencies[name].get(year) for year in years]) for name in order],
        failures=await page.rows("county_failures", county=code),
        totals=[Counter(a[year]["outcome"] for a in agencies.values() if year in a) for year in years],
        outcomes=OUTCOMES,
    )


# ---- agencies


def _sum(values: Row, group: str) -> float | None:
    """The total column of a row, or of all rows below a group; None when no number stands there."""
    numbers = [
        value
        for name, value in values.items()
        if name.endswith("__total")
        and (name == f"{group}__total" or name.startswith(f"{group}."))
        and value is not None
    ]
    return sum(numbers) if numbers else None


@guarded
async def agency(page: Page) -> Response:
    who = await page.row("agency", agency=page.number("agency"))
    reports = {row["year"]: row for row in await page.rows("agency_reports", agency=who["id"])}
    coverage = {
        row["year"]: row for row in await page.rows("agency_coverage", county=who["county_code"], name=who["name"])
    }
    timely = {
        row["year"]: row for row in await page.rows("agency_timely", county=who["county_code"], called=who["name"])
    }
    applications = {row["year"]: row for row in await page.rows("agency_applications", agency=who["id"])}
    litigation = {row["year"]: row for row in await page.rows("agency_litigation", agency=who["id"])}
    known = {year for year in (*reports, *coverage) if year}
    years = (
        list(range(min(known), max(known) + 1)) if known else []
    )  # a year of which nothing is known is shown as such
    marked = {year for year, row in reports.items() if year and row["errors"]}
    t = page.words

    def series(source: Mapping[int, Row], names: Sequence[str]) -> list[charts.Series]:
        return [
            charts.Series(t[name], tuple(_sum(source.get(year, {}), name) for year in years), f"tone-{n}")
            for n, name in enumerate(names, 1)
        ]

    drawn = [
        (t[title], each, charts.bars(t[title], years, each, unknown=t["chart_gap"], marked=marked))
        for title, each in (
            ("applications", series(applications, ("received",))),
            ("outcomes", series(applications, GROUPS)),
            ("disputes", series(litigation, DISPUTES)),
        )
    ]
    return await page.answer(
        "agency",
        who=who,
        years=years,
        reports=reports,
        undated=reports.get(None),
        coverage=coverage,
        timely=timely,
        drawn=drawn,
        marked=marked,
        received=[_sum(applications.get(year, {}), "received") for year in years],
    )


# ---- reports


async def _spots(page: Page, report: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Spot]]:
    """Cells, extra cells, and where they all stand."""
    cells = await page.rows("report_cells", report=report)
    extras = await page.rows("report_extras", report=report)
    spots = {row["place"]: Spot(row["place"], row["raw"]) for row in (*cells, *extras) if row["place"]}
    return cells, extras, list(spots.values())


@guarded
async def report(page: Page) -> Response:
    found = await page.row("report", report=page.number("report"))
    cells, extras, _ = await _spots(page, found["id"])
    findings = await page.rows("report_findings", report=found["id"], sha256=found["sha256"])
    wanted = page.request.args.get("finding") or ""
    lit: list[str] = []
    for finding in findings:
        finding["key"] = f"{finding['check']}/{finding['subject']}"
        finding["cells"] = _cells_of(finding["cells"])
        if finding["key"] == wanted:
            lit = finding["cells"]
    by_key = {f"{cell['table_no']}/{cell['row']}/{cell['column']}": cell["place"] for cell in cells}
    marks = [by_key[key] for key in lit if key in by_key]
    for finding in findings:
        finding["marks"] = _marks([by_key[key] for key in finding["cells"] if key in by_key])
    view = "read" if page.request.args.get("view") == "read" else "original"
    cited = page.words["cite_form"].format(
        agency=found["agency"],
        title=found["title"] or page.words["report"],
        published=found["published"] or found["signed"] or page.words["undated"],
        url=found["document_url"] or found["url"],
        version=VERSION,
        sha=found["sha256"][:12],
    )
    return await page.answer(
        "report",
        cited=cited,
        doubtful=sum(bool(cell["doubt"]) for cell in cells),
        report=found,
        sheets=tables.sheets(
            await page.rows("report_tables", report=found["id"]), cells, frozenset(lit), page.language
        ),
        extras=[extra | {"anchor": anchor(extra["place"] or "")} for extra in extras],
        findings=findings,
        tally=Counter(finding["status"] for finding in findings),
        wanted=wanted,
        frame=f"/report/{found['id']}/document?view={view}" + (_marks(marks) or f"#{START}"),
        view=view,
        sections=await page.rows("report_sections", report=found["id"]),
        statements=await page.rows("report_statements", report=found["id"]),
        others=await page.rows("report_others", report=found["id"], agency=found["agency_id"]),
        notes=json.loads(found["notes"] or "[]"),
    )


def _cells_of(text: str | None) -> list[str]:
    """The keys of the cells that a finding reads; none where the list is kept with the check."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return [str(each) for each in found] if isinstance(found, list) else []


def _marks(marks: Sequence[str]) -> str:
    """The end of a document's address that lights cells up, and goes to the first."""
    if not marks:
        return ""
    return f"&mark={quote('|'.join(dict.fromkeys(marks)), safe='')}#{anchor(marks[0])}"


async def document(datasette: Datasette, request: Request) -> Response:
    """What the frame of a report page shows."""
    page = Page(datasette, request)
    room: ShowingRoom = datasette._gongkai_room
    try:
        found = await page.row("report", report=page.number("report"))
        _, _, spots = await _spots(page, found["id"])
        view = "read" if request.args.get("view") == "read" else "original"
        url = found["document_url"] or found["url"]
        declared = await room.charset(found["county_code"], url, found["sha256"])
        shown = await room.document(found["sha256"], spots, view, declared)
    except Missing:
        return _framed(await _message(page, page.words["not_found"]), 404)
    except NotArchived:
        return _framed(await _message(page, page.words["not_archived"]), 404)
    except Unread as refusal:
        return _framed(await _message(page, f"{page.words['document_refused']}{refusal}"), 422)
    known = {spot.place for spot in spots}
    marks = [anchor(mark) for mark in (request.args.get("mark") or "").split("|") if mark in known]
    context = {"shown": shown, "marks": marks, "lang": page.language, "t": page.words, "title": found["title"]}
    return _framed(await datasette.render_template("gongkai/document.html", context, request=request), 200)


async def _message(page: Page, text: str) -> str:
    context: dict[str, Any] = {
        "shown": None,
        "marks": [],
        "lang": page.language,
        "t": page.words,
        "title": text,
        "message": text,
    }
    html: str = await page.datasette.render_template("gongkai/document.html", context, request=page.request)
    return html


def _framed(html: str, status: int) -> Response:
    return Response.html(html, status=status, headers={"content-security-policy": SHOW})


async def picture(datasette: Datasette, request: Request) -> Response:
    """A page of a document as PNG."""
    page = Page(datasette, request)
    room: ShowingRoom = datasette._gongkai_room
    try:
        found = await page.row("report", report=page.number("report"))
        body = await room.picture(found["sha256"], page.number("page"))
    except (Missing, NotArchived, Unread):
        return Response.text("", status=404)
    return Response(body, content_type="image/png", headers={"cache-control": "max-age=3600"})


async def file(datasette: Datasette, request: Request) -> Response:
    """The bytes as served, never shown by the browser: always to be saved, under a name of ours."""
    page = Page(datasette, request)
    room: ShowingRoom = datasette._gongkai_room
    try:
        found = await page.row("report", report=page.number("report"))
        body = await room.body(found["sha256"])
    except Missing:
        return await page.answer("message", 404, message=page.words["not_found"])
    except NotArchived:
        return await page.answer("message", 404, message=page.words["not_archived"])
    name = f"{found['sha256'][:16]}.{EXTENSIONS.get(found['media_type'], 'bin')}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-security-policy": SHOW}
    return Response(body, content_type="application/octet-stream", headers=headers)


EXTENSIONS = {
    "text/html": "html",
    "multipart/related": "mhtml",
    "text/plain": "txt",
    "text/markdown": "md",
    "application/pdf": "pdf",
    "application/ofd": "ofd",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/msword": "doc",
    "application/rtf": "rtf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-excel": "xls",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "image/bmp": "bmp",
    "image/gif": "gif",
}


# ---- search and findings


@guarded
async def search(page: Page) -> Response:
    asked = (page.request.args.get("q") or "").strip()[:200]
    skip = page.number("skip")
    found = await page.rows("search", q=asked, skip=skip) if asked else []
    results = [row | {"snippet": snippet(row["text"] or "", asked)} for row in found[:PAGE]]
    return await page.answer(
        "search", asked=asked, results=results, more=skip + PAGE if len(found) > PAGE else None, skip=skip
    )


def snippet(text: str, asked: str) -> tuple[str, str, str]:
    """(before, the first word of the question that the text has, after), cut to some characters on both sides."""
    for word in asked.split():
        at = text.lower().find(word.lower())
        if at >= 0:
            end = at + len(word)
            before = ("…" if at > SNIPPET else "") + text[max(0, at - SNIPPET) : at]
            return before, text[at:end], text[end : end + SNIPPET] + ("…" if len(text) > end + SNIPPET else "")
    return text[: 2 * SNIPPET], "", ""


@guarded
async def findings(page: Page) -> Response:
    counts = await page.datasette._gongkai_summary.newest(page.database)
    check, skip = page.request.args.get("check") or "", page.number("skip")
    found = await page.rows("failures_of", check=check, skip=skip)
    return await page.answer(
        "findings",
        checks=counts.checks().most_common(),
        check=check,
        found=found[:100],
        more=skip + 100 if len(found) > 100 else None,
        skip=skip,
    )
