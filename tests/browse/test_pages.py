"""The pages in a real browser: what they show, what lights up, what a hostile document can do, who can use them."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browse.conftest import AGENCY, ARTEFACTS, COUNTY, HOSTILE_TITLE, Canary, World

LIT = "getComputedStyle(document.querySelector(':target')).outlineStyle"


def shot(tab: Any, name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    tab.screenshot(path=ARTEFACTS / f"{name}.png")


def paths(world: World) -> dict[str, str]:
    return {
        "home": "/",
        "province": f"/province/{COUNTY[:2]}",
        "county": f"/county/{COUNTY}",
        "agency": f"/agency/{world.agency_id}",
        "report": f"/report/{world.reports['fails']}",
        "search": "/search?q=公开",
        "findings": "/findings",
    }


PAGES = ("home", "province", "county", "agency", "report", "search", "findings")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_is_shown_without_complaint_and_without_faults_of_access(
    served: World, tab: Any, name: str, language: str
) -> None:
    url = served.base + paths(served)[name]
    answer = tab.goto(url + ("&" if "?" in url else "?") + f"lang={language}")
    assert answer.status == 200
    assert tab.locator("h1").count() == 1
    assert tab.locator("html").get_attribute("lang") == ("zh-Hans" if language == "zh" else "en")
    shot(tab, f"{name}-{language}")
    assert tab.complaints == []
    assert serious_faults(tab) == []


def serious_faults(tab: Any) -> list[tuple[str, str]]:
    """What axe-core finds serious or critical: its rule, and the first element that breaks it."""
    found = Axe().run(tab, options={"resultTypes": ["violations"], "iframes": False}).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize("name", ["home", "county", "agency", "report"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_shows_a_page_without_scrolling_sideways(served: World, browser: Any, name: str, language: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, locale="zh-CN")
    tab = context.new_page()
    tab.goto(f"{served.base}{paths(served)[name]}?lang={language}")
    shot(tab, f"{name}-{language}-phone")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious_faults(tab) == []
    context.close()


def test_home_leads_down_to_a_report(served: World, tab: Any) -> None:
    tab.goto(served.base)
    tab.click("table.list a[href='/province/64']")
    tab.click(f"a[href='/county/{COUNTY}']")
    tab.click(f"a:has-text('{AGENCY}')")
    tab.click("table.list td a >> nth=0")
    assert "政府信息公开工作年度报告" in tab.inner_text("h1")


def test_the_language_is_remembered(served: World, tab: Any) -> None:
    tab.goto(served.base)
    tab.click("nav a[lang=en]")
    assert tab.inner_text("nav a >> nth=0") == "Home"
    tab.goto(served.base + "/search")
    assert tab.inner_text("h1") == "Search"


def frame_of(tab: Any) -> Any:
    frame = tab.frame(name="original")
    frame.wait_for_load_state()
    return frame


def lit_text(tab: Any) -> str:
    frame = frame_of(tab)
    frame.wait_for_selector(":target:not(#start)", state="attached", timeout=5000)
    assert frame.evaluate(LIT) == "solid"
    return str(frame.evaluate("document.querySelector(':target').textContent")).strip()


def cell(tab: Any, key: str) -> Any:
    return tab.locator(f"td[data-cell='{key}'] a")


@pytest.mark.parametrize("script", [True, False])
def test_a_number_of_a_page_lights_up_in_it(served: World, browser: Any, script: bool) -> None:
    """With and without scripts: what lights up is the same text, in view."""
    context = browser.new_context(java_script_enabled=script, viewport={"width": 1360, "height": 900})
    tab = context.new_page()
    tab.goto(served.page("fails"))
    link = cell(tab, "3/received/total")
    assert link.inner_text() == "98765"
    link.click()
    if script:
        assert lit_text(tab) == "98765"
        box = frame_of(tab).evaluate("(() => { const b = document.querySelector(':target').getBoundingClientRect();"
                                     "return [b.top, innerHeight] })()")  # fmt: skip
        assert 0 <= box[0] < box[1]
        shot(tab, "report-lit")
    else:
        place = link.get_attribute("href").partition("#")[2]
        tab.wait_for_timeout(1000)
        shot(tab, "report-lit-without-scripts")
        assert [frame.url.endswith(f"#{place}") for frame in tab.frames[1:]] == [True]
    context.close()


def test_every_number_of_the_page_has_its_place(served: World, tab: Any) -> None:
    tab.goto(served.page("fails"))
    inside = set(frame_of(tab).evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
    links = tab.eval_on_selector_all("a.spot", "links => links.map(a => [a.hash.slice(1), a.textContent])")
    assert len(links) > 150
    assert {place for place, _ in links} <= inside
    texts = frame_of(tab).evaluate("Object.fromEntries([...document.querySelectorAll('td[id]')].map("
                                   "e => [e.id, e.textContent.trim()]))")  # fmt: skip
    assert all(texts[place] == text for place, text in links if place in texts)


def test_a_finding_lights_up_its_cells_on_both_sides(served: World, tab: Any) -> None:
    tab.goto(served.page("fails"))
    finding = tab.locator("a.finding:has-text('98765')").first
    count = len(finding.get_attribute("data-cells").split())
    finding.click()
    assert tab.locator("td.lit").count() == count
    tab.wait_for_timeout(500)
    frame = frame_of(tab)
    lit = frame.evaluate(
        "[...document.querySelectorAll('td[id]')].filter(e => getComputedStyle(e).outlineStyle == 'solid')"
        ".map(e => e.textContent.trim())"
    )
    assert len(lit) == count
    assert "98765" in lit
    shot(tab, "finding-lit")
    tab.goto(served.base + finding.get_attribute("href").partition("#")[0])
    assert tab.locator("td.lit").count() == count, "the same without the script"


@pytest.mark.parametrize("name", ["pdf", "image"])
def test_a_number_of_a_pdf_or_a_picture_lights_up_on_its_page(served: World, tab: Any, name: str) -> None:
    tab.goto(served.page(name))
    frame = frame_of(tab)
    frame.wait_for_function("[...document.images].slice(0, 1).every(i => i.complete && i.naturalWidth > 600)")
    cell(tab, "3/received/total").click()
    lit_text(tab)
    shot(tab, f"{name}-lit")
    assert frame.evaluate(
        "(() => { const b = document.querySelector(':target').getBoundingClientRect(),"
        "p = document.querySelector(':target').parentElement.getBoundingClientRect();"
        "return b.width > 3 && b.height > 3 && b.left >= p.left && b.right <= p.right + 1"
        " && b.bottom <= p.bottom + 1 })()"
    )


@pytest.mark.parametrize("name", ["text", "word"])
def test_a_number_of_a_text_or_a_word_file_lights_up(served: World, tab: Any, name: str) -> None:
    tab.goto(served.page(name))
    link = cell(tab, "3/received/total")
    link.click()
    assert lit_text(tab) == link.inner_text()
    shot(tab, f"{name}-lit")


def test_the_document_as_it_was_read(served: World, tab: Any) -> None:
    tab.goto(served.page("fails") + "?view=read")
    cell(tab, "3/received/total").click()
    assert lit_text(tab) == "98765"


def test_a_hostile_page_can_do_nothing(served: World, tab: Any, canary: Canary) -> None:
    dialogs: list[str] = []
    tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for view in ("original", "read"):
        tab.goto(f"{served.page('hostile')}?view={view}")
        frame = frame_of(tab)
        tab.wait_for_timeout(700)
        shot(tab, f"hostile-{view}")
        assert tab.url.startswith(served.base)
        assert frame.url.startswith(served.base)
        assert tab.evaluate("window.pwned") is None
        assert frame.evaluate("window.pwned") is None
        assert frame.evaluate("document.scripts.length + document.forms.length + document.links.length") == 0
        assert (
            frame.locator("script, iframe, object, embed, svg, base, link, [onerror], [onload], [onclick]").count() == 0
        )
        if view == "original":
            cell(tab, "3/received/total").click()
            lit_text(tab)
    tab.goto(f"{served.page('hostile')}/document")
    tab.wait_for_timeout(500)
    assert tab.url.startswith(served.base), "the same outside the frame"
    assert tab.evaluate("window.pwned") is None
    assert dialogs == []
    assert canary.asked == []


def test_a_hostile_title_is_text(served: World, tab: Any) -> None:
    for path in (f"/report/{served.reports['hostile']}", f"/county/{COUNTY}", "/reports/reports", "/reports/readings"):
        tab.goto(served.base + path)
        assert tab.evaluate("window.pwned") is None
    assert "<img src=x" in tab.content().replace("&lt;", "<")
    assert HOSTILE_TITLE


def test_the_keyboard_is_enough(served: World, tab: Any) -> None:
    tab.goto(served.page("fails"))
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    cell(tab, "3/received/total").focus()
    tab.keyboard.press("Enter")
    assert lit_text(tab) == "98765"
    assert "98765" in tab.inner_text("#said")


def test_a_report_page_says_what_is_doubtful_and_how_to_cite(served: World, tab: Any) -> None:
    tab.goto(served.page("image"))
    assert cell(tab, "3/received/total").get_attribute("class") == "spot doubt"
    assert cell(tab, "3/received/business").get_attribute("class") == "spot"
    assert "1 个数字存疑" in tab.inner_text(".hint")
    cited = tab.inner_text(".cite")
    for part in ("平罗县高庄乡人民政府", "高庄乡2023年报告", "http://www.pingluo.gov.cn/image.png", "SHA-256"):
        assert part in cited
    assert "单位：件" in tab.inner_text("#sheet-3")


def test_years_of_which_nothing_is_known_are_shown_and_those_that_do_not_add_up_are_marked(
    served: World, tab: Any
) -> None:
    tab.goto(f"{served.base}/agency/{served.agency_id}")
    years = tab.locator("svg.chart >> nth=0").locator(".year").all_text_contents()
    assert years[-1].endswith("*"), "the report whose total was falsified"
    assert not years[0].endswith("*")
    tab.goto(f"{served.base}/county/{COUNTY}")
    tab.click("th a:has-text('平罗县陶乐镇人民政府')")
    chart = tab.locator("svg.chart >> nth=0")
    assert chart.locator(".year").all_text_contents() == ["2021", "2022", "2023", "2024"]
    assert chart.locator(".mute").all_text_contents() == ["缺", "缺"], "nothing is known of two years in between"
    assert tab.locator("tr:has(th:text-is('2022')) .tag").first.inner_text() == "缺"
