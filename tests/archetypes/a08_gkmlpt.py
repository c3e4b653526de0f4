"""A8: the directory platform of Guangdong: a tree in the page, rows from an API, texts inside a script."""

# ruff: noqa: E501 - markup and names stand as they are served; a Chinese character counts for two columns
from __future__ import annotations

import datetime as dt
import json
from typing import Any

from tests.archetypes import bodies, files
from tests.archetypes.county import Body, County
from tests.archetypes.making import OUTSIDE, Bench, Item, decoy_items, newest_first, report_item
from tests.archetypes.model import World
from tests.archetypes.server import Request, Response

COUNTY = County("990108", "汀兰县", "梧州湾市")
PER_PAGE = 100


def list_path(slug: str, page: int) -> str:
    return f"/{slug}/" + (f"index_{page + 1}.html" if page else "")


def article_path(slug: str, n: int, day: dt.date) -> str:
    return f"/{slug}/content/post_{sum(map(ord, slug)) * 1000 + n}.html"


def build(port: int) -> World:
    bench = Bench("A8", "gkmlpt: tree and API", COUNTY, "tinglan", port, 8, list_path, article_path)
    departments, towns = COUNTY.departments(4), COUNTY.towns(2)
    prefixes = {office: f"/tl{office.slug}" for office in (*departments, *towns)}
    links = "".join(f'<a href="{prefixes[office]}/gkmlpt/index">{office.short}</a>' for office in departments)
    bench.chrome.public = '<a href="/gkmlpt/index">政府信息公开目录</a>'
    bench.home(f'<a href="/gkmlpt/index">政府信息公开</a><div class="bm"><h4>部门信息公开目录</h4>{links}</div>')
    bench.step("/")
    _platform(bench, "", COUNTY.government, 1, _county_items(), {town: prefixes[town] for town in towns})
    for n, (office, prefix) in enumerate(prefixes.items(), 2):
        items = [report_item(office, year) for year in range(2019, 2026)]
        items.append(Item(f"{office.name}2024年法治政府建设年度报告", "2025-03-05", None, 2024, "rule-of-law report"))
        _platform(bench, prefix, office, n, newest_first(items), {})
    bench.register()
    return bench.world


def _county_items() -> list[Item]:
    """112 rows: 70 reports of the county's bodies, two rows that lead to other hosts, and look-alikes."""
    long, short = range(2019, 2026), range(2022, 2026)
    items = [report_item(body, year) for body in (COUNTY.government, COUNTY.office) for year in long]
    items += [report_item(body, year) for body in COUNTY.departments(18)[4:] for year in short]
    single = {"infographic twin", "report of the parent city"}
    others = [item for year in (2024, 2023, 2022, 2021, 2020) for item in decoy_items(COUNTY, year, more=True)
              if year == 2024 or item.why not in single]  # fmt: skip
    others.insert(0, Item(f"{COUNTY.name}审计局2016年政府信息公开工作年度报告", "2017-01-20", None, 2016, "dead link"))
    for year in (2022, 2023):
        others.insert(
            0,
            Item(
                f"{COUNTY.prefecture}{year}年政府信息公开工作年度报告", f"{year + 1}-03-25", None, year, "foreign link"
            ),
        )
    return newest_first([*items, *others[: 112 - len(items)]])


def _platform(bench: Bench, prefix: str, owner: Body, n: int, items: list[Item], towns: dict[Body, str]) -> None:
    """One directory: index, annual report category, API, articles."""
    base, sid, category = f"{prefix}/gkmlpt", f"{755000 + n}", 60120 + 7 * n
    posts = {
        item: (f"{base}/content/{n}/{22 + n}/post_{n * 10000 + 2001 + k}.html", n * 10000 + 2001 + k)
        for k, item in enumerate(items)
    }
    stated = len(items) + (18 if len(items) > 100 else 3)
    tree: list[dict[str, Any]] = [
        _node(category - 3, "政府信息公开指南", 1), _node(category - 2, "政府信息公开制度", 4),
        _node(category - 1, "法定主动公开内容", 310, children=[_node(category + 1, "政策文件", 200), _node(category + 2, "财政预决算", 110)]),
        _node(category, "政府信息公开年报", stated), _node(category + 3, "依申请公开", 0),
    ]  # fmt: skip
    for k, (town, town_prefix) in enumerate(towns.items()):
        jump = bench.url(f"{town_prefix}/gkmlpt/index")
        tree.append(_node(70000 + k, f"{town.short}信息公开目录", 0, jump_url=jump))
    config = {"SID": sid, "SITE_NAME": f"{owner.name}信息公开目录", "SERVICE_AREA_ID": 755, "TREE": tree}
    text = "window._CONFIG = " + json.dumps(config, ensure_ascii=True).replace('"SID": ', "SID: ", 1).replace(
        f'"{sid}"', f"'{sid}'", 1
    )
    index = bench.chrome.page(
        f"{owner.short}信息公开目录",
        f'<div id="app"></div><script>{text};</script><a href="{base}/annualreport#{category}">政府信息公开年报</a>',
    )
    for path in (f"{base}/index", f"{base}/annualreport"):
        bench.put(path, index)
    bench.step(f"{base}/index", f"{base}/index")
    _api(bench, base, sid, category, stated, items, posts)
    as_file = (
        {item for k, item in enumerate(item for item in items if item.is_report) if k % 14 == 3} if n <= 5 else set()
    )
    for k, item in enumerate(items):
        if item.why == "foreign link":
            continue
        path, number = posts[item]
        if item.why == "dead link":
            bench.decoy(item, bench.url(path))
        else:
            _article(
                bench, item, path, number, owner, f"/attachment/0/{n}/{22 + n}/{k + 3}.pdf" if item in as_file else ""
            )
    if not prefix:
        twice = next(item for item in items if item.is_report and item.body == COUNTY.office and item not in as_file)
        again = "/zwgk/bmgs/content/post_990011.html"
        bench.article(twice, again, f'<h1>{twice.title}</h1><div class="article-content">{bench.text_of(twice)}</div>')
        bench.page("/zwgk/bmgs/", "部门公示", f'<ul><li><a href="{again}">{twice.title}</a></li></ul>')


def _api(
    bench: Bench, base: str, sid: str, category: int, stated: int, items: list[Item], posts: dict[Item, tuple[str, int]]
) -> None:
    rows = [_record(bench, item, *posts[item], category) for item in items]
    pages = [rows[start : start + PER_PAGE] for start in range(0, len(rows), PER_PAGE)]

    def api(request: Request) -> Response:
        page = request.query.get("page", "1")
        k = int(page) if page.isdigit() and int(page) else 1
        allowed = request.query.get("sid") == sid
        reply = {
            "classify": {"id": category, "name": "政府信息公开年报", "post_count": stated, "jump_url": ""},
            "total": len(rows) if allowed else 0, "offset": (k - 1) * PER_PAGE,
            "articles": pages[k - 1] if allowed and k <= len(pages) else [],
        }  # fmt: skip
        return Response(json.dumps(reply).encode(), media="application/json")

    bench.route(f"{base}/api/all/{category}", api)
    for other in (category - 3, category - 2, category - 1, category + 1, category + 2, category + 3):
        bench.json(
            f"{base}/api/all/{other}",
            {"classify": {"id": other, "post_count": 0}, "total": 0, "offset": 0, "articles": []},
        )
    for k in range(1, len(pages) + 1):
        bench.step(f"{base}/api/all/{category}?page={k}&sid={sid}", str(category))


def _node(number: int, name: str, count: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "post_count": count, "jump_url": "", "children": [], **more}


def _record(bench: Bench, item: Item, path: str, number: int, category: int) -> dict[str, Any]:
    foreign = item.why == "foreign link"
    url = f"http://{OUTSIDE}:{bench.port}/report/{number}.html" if foreign else bench.url(path)
    return {
        "id": number, "title": item.title, "url": url, "post_url": url, "type": "url" if foreign else "post",
        "classify_main": category, "classify_main_name": "政府信息公开年报", "identifier": f"99010800/{item.year}-{number}",
        "publisher": item.body.name if item.body else COUNTY.office.name, "document_number": "", "date": int(item.day.strftime("%s")),
        "create_time": f"{item.date} 16:02:11", "display_publish_time": item.date, "attachment": [],
    }  # fmt: skip


def _article(bench: Bench, item: Item, path: str, number: int, owner: Body, file: str) -> None:
    """The text stands only in a script, as a JSON string."""
    content = "<p>详见附件。</p>" if file else bench.text_of(item)
    attachment = [{"name": f"{item.title}.pdf", "url": file}] if file else []
    detail = {"id": number, "title": item.title, "publisher": item.body.name if item.body else owner.name, "content": content,
              "display_publish_time": item.date, "attachment": attachment}  # fmt: skip
    script = json.dumps({"DETAIL": detail}).replace("<", "\\u003C").replace(">", "\\u003E")
    main = f'<div id="app"><h1 class="content-title"></h1><div class="article-content"></div></div><script>window._CONFIG = {script};</script>'
    body = bench.page(path, item.title, main, meta=bench.article_meta(item))
    url = bench.url(path)
    if not item.is_report:
        bench.decoy(item, url)
        return
    assert item.body is not None
    bench.step(url)
    if file:
        pdf = files.of(bodies.made(item.body, item.year, item.title), "pdf")
        bench.put(file, pdf, media="application/pdf")
        bench.expect(item, url, bench.url(file), pdf, "pdf")
        bench.step(file)
    else:
        bench.expect(item, url, url, body, "html in a script")
