"""How content systems name their pages and write them: addresses, pagers, articles. One small class each."""

# ruff: noqa: E501 - markup stands as it is served; a Chinese character counts for two columns
from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from tests.archetypes.making import Item, hex32, uuid
from tests.rehearsal.country import Place


def number(*parts: object) -> int:
    return int(hex32(*parts)[:6], 16)


def links(at: list[str], k: int) -> str:
    """A pager with plain links: ``at`` are the addresses of all pages, ``k`` counts from 0."""
    if len(at) == 1:
        return ""
    following = (
        f'<a href="{at[k + 1]}">下一页</a><a href="{at[-1]}">尾页</a>' if k + 1 < len(at) else "<span>下一页</span>"
    )
    before = f'<a href="{at[0]}">首页</a><a href="{at[k - 1]}">上一页</a>' if k else "<span>首页</span>"
    return f'<div class="pages">{before} 第{k + 1}/{len(at)}页 {following}</div>'


@dataclass(slots=True)
class System:
    """TRS and its look-alikes; the others change what differs. A column is named by a slug, and so are its pages."""

    place: Place

    def hub(self, slug: str) -> str:
        return f"/{slug}/"

    def column(self, slug: str) -> str:
        return f"/zwgk/zfxxgk/{slug}/"

    def pages(self, slug: str, count: int) -> list[str]:
        """Addresses of a column's pages, the first one first."""
        column = self.column(slug)
        return [column, *(f"{column}index_{k}.html" for k in range(1, count))]

    def pager(self, slug: str, k: int, count: int, total: int) -> str:
        return f'<script>createPageHTML({count}, {k}, "index","html",{total});</script>'

    def article(self, slug: str, item: Item) -> str:
        return f"{self.column(slug)}{item.day:%Y%m}/t{item.day:%Y%m%d}_{number(slug, item.title)}.html"

    def file(self, slug: str, item: Item, suffix: str) -> str:
        return f"{self.column(slug)}{item.day:%Y%m}/P0{item.day:%Y%m%d}{number(item.title):012d}.{suffix}"

    def view(self, item: Item, text: str) -> str:
        return f'<h1>{item.title}</h1><div class="info">发布时间：{item.date} 来源：{source(item, self.place)}</div><div class="TRS_Editor">{text}</div>'


def source(item: Item, place: Place) -> str:
    return item.body.short if item.body else f"{place.county.name}人民政府办公室"


class Ucap(System):
    def hub(self, slug: str) -> str:
        return f"/{self._site}/c{number('hub', slug) % 900000 + 100000}/{slug}.shtml"

    @property
    def _site(self) -> str:
        return f"x{number(self.place.code) % 1000}rmzf"

    def column(self, slug: str) -> str:
        return f"/{self._site}/c{number(slug, self.place.code) % 900000 + 100000}/xxgk_list.shtml"

    def pages(self, slug: str, count: int) -> list[str]:
        column = self.column(slug)
        return [column, *(column.replace("_list.", f"_list_{k}.") for k in range(2, count + 1))]

    def pager(self, slug: str, k: int, count: int, total: int) -> str:
        return f"<div id='page_div'></div><script>createPageHTML('page_div',{count},{k + 1},'xxgk_list','shtml',{total});</script>"

    def article(self, slug: str, item: Item) -> str:
        return f"{self.column(slug).rpartition('/')[0]}/{item.day:%Y%m}/{hex32(slug, item.title)}.shtml"

    def file(self, slug: str, item: Item, suffix: str) -> str:
        return f"{self.column(slug).rpartition('/')[0]}/{item.day:%Y%m}/{number(item.title)}/files/{hex32(item.title)}.{suffix}"

    def view(self, item: Item, text: str) -> str:
        return f"<UCAPTITLE>{item.title}</UCAPTITLE><p><PUBLISHTIME>{item.date} 10:12</PUBLISHTIME></p><UCAPCONTENT>{text}</UCAPCONTENT>"


class Numbered(System):
    """渭南, 延安: the page number is the file name."""

    def column(self, slug: str) -> str:
        return f"/gk/{slug}/1.html"

    def pages(self, slug: str, count: int) -> list[str]:
        return [f"/gk/{slug}/{k}.html" for k in range(1, count + 1)]

    def pager(self, slug: str, k: int, count: int, total: int) -> str:
        return links(self.pages(slug, count), k)

    def article(self, slug: str, item: Item) -> str:
        return f"/gk/{slug}/{number(slug, item.title)}/index.html"

    def file(self, slug: str, item: Item, suffix: str) -> str:
        return f"/upload/{item.day:%Y/%m}/{hex32(item.title)[:20]}.{suffix}"

    def view(self, item: Item, text: str) -> str:
        return f'<div class="article"><h2>{item.title}</h2><p>时间：{item.date}　作者：{source(item, self.place)}</p><div id="zoom">{text}</div></div>'


class Listed(Numbered):
    """新乡 and others: ``/html/848/list.html``, then ``list_2.html``."""

    def column(self, slug: str) -> str:
        return f"/html/{number(slug, 'c') % 900 + 100}/list.html"

    def pages(self, slug: str, count: int) -> list[str]:
        column = self.column(slug)
        return [column, *(column.replace("list.", f"list_{k}.") for k in range(2, count + 1))]

    def article(self, slug: str, item: Item) -> str:
        return f"{self.column(slug).rpartition('/')[0]}/{item.date}/{number(slug, item.title)}.html"


class Nested(Numbered):
    """宝鸡: ``/col15477/col15503/``."""

    def column(self, slug: str) -> str:
        return f"/col{number('top') % 900 + 15000}/col{number(slug, 'c') % 9000 + 16000}/"

    def pages(self, slug: str, count: int) -> list[str]:
        column = self.column(slug)
        return [column, *(f"{column}?page={k}" for k in range(2, count + 1))]

    def article(self, slug: str, item: Item) -> str:
        return f"{self.column(slug)}{item.day:%Y%m%d}/{number(slug, item.title)}.html"


class Channel(Numbered):
    """济南, 淄博: ``/gongkai/channel_<24 hex>/`` and ``doc_<24 hex>.html``."""

    def column(self, slug: str) -> str:
        return f"/gongkai/channel_{hex32(slug, self.place.code)[:24]}/"

    def pages(self, slug: str, count: int) -> list[str]:
        column = self.column(slug)
        return [column, *(f"{column}index_{k}.html" for k in range(2, count + 1))]

    def article(self, slug: str, item: Item) -> str:
        return f"/gongkai/channel_{hex32(slug, self.place.code)[:24]}/doc_{hex32(slug, item.title)[:24]}.html"


class Vsb(System):
    """Pages are numbered downwards: the oldest is 1."""

    def hub(self, slug: str) -> str:
        return f"/{slug}.htm"

    def column(self, slug: str) -> str:
        return f"/zfxxgk/{slug}.htm"

    def pages(self, slug: str, count: int) -> list[str]:
        return [self.column(slug), *(f"/zfxxgk/{slug}/{count - k}.htm" for k in range(1, count))]

    def pager(self, slug: str, k: int, count: int, total: int) -> str:
        at = self.pages(slug, count)
        following = (
            f'<span class="p_next p_fun"><a href="{at[k + 1]}">下页</a></span><span class="p_last"><a href="{at[-1]}">尾页</a></span>'
            if k + 1 < count
            else ""
        )
        return f'<div class="pb_sys_common pb_sys_normal"><span class="p_pages"><span class="p_t">共{total}条</span> <span class="p_t">{k + 1}/{count}</span>{following}</span></div><!--Announced by Visual SiteBuilder 9-->'

    def article(self, slug: str, item: Item) -> str:
        return f"/info/{number(slug, 'tree') % 3000 + 1000}/{number(slug, item.title) % 90000 + 1000}.htm"

    def file(self, slug: str, item: Item, suffix: str) -> str:
        return f"/__local/{hex32(item.title)[:1]}/{hex32(item.title)[1:3]}/{hex32(item.title)}.{suffix}"

    def view(self, item: Item, text: str) -> str:
        return f'<form name="_newscontent_fromname"><h1>{item.title}</h1><div>{item.date.replace("-", ".")}</div><div id="vsb_content_2"><div class="v_news_content">{text}</div></div></form>'


class Openness(Numbered):
    def _org(self, slug: str) -> int:
        return number(slug, "org") % 9000 + 10000

    def column(self, slug: str) -> str:
        return f"/OpennessContent/showList/{self._org(slug)}/{self._org(slug) + 7}/page_1.html"

    def pages(self, slug: str, count: int) -> list[str]:
        return [self.column(slug).replace("page_1", f"page_{k}") for k in range(1, count + 1)]

    def article(self, slug: str, item: Item) -> str:
        return f"/OpennessContent/show/{number(slug, item.title)}.html"


class Php(Numbered):
    def column(self, slug: str) -> str:
        return f"/index.php?m=content&c=index&a=lists&catid={number(slug, 'cat') % 900 + 100}"

    def pages(self, slug: str, count: int) -> list[str]:
        column = self.column(slug)
        return [column, *(f"{column}&page={k}" for k in range(2, count + 1))]

    def article(self, slug: str, item: Item) -> str:
        return (
            f"/index.php?m=content&c=index&a=show&catid={number(slug, 'cat') % 900 + 100}&id={number(slug, item.title)}"
        )


class Jsp(Php):
    def column(self, slug: str) -> str:
        return f"/newsMore.action?subjectid={number(slug, 'cat') % 9000 + 1000}"

    def pages(self, slug: str, count: int) -> list[str]:
        column = self.column(slug)
        return [column, *(f"{column}&pageNo={k}" for k in range(2, count + 1))]

    def article(self, slug: str, item: Item) -> str:
        return f"/newsView.action?id={number(slug, item.title)}"


class Asp(Php):
    def column(self, slug: str) -> str:
        return f"/class.asp?class={number(slug, 'cat') % 9000 + 1000}"

    def article(self, slug: str, item: Item) -> str:
        return f"/show.asp?id={number(slug, item.title)}"


class PcList(Listed):
    def column(self, slug: str) -> str:
        return f"/x{number(self.place.code) % 1000}rmzf/c{number(slug, 'c') % 90000 + 10000}/pc/list.html"

    def article(self, slug: str, item: Item) -> str:
        return f"{self.column(slug).removesuffix('list.html')}content/content_{number(slug, item.title)}.html"


class Slug(Php):
    """吉安: one flat name for each column."""

    def column(self, slug: str) -> str:
        return f"/xxgk-list-{slug}.html"

    def pages(self, slug: str, count: int) -> list[str]:
        column = self.column(slug)
        return [column, *(f"{column}?page={k}" for k in range(2, count + 1))]

    def article(self, slug: str, item: Item) -> str:
        return f"/xxgk-show-{number(slug, item.title)}.html"


class Uuid(Numbered):
    """河北: ``/columns/<uuid>/index.html``."""

    def column(self, slug: str) -> str:
        return f"/columns/{uuid(slug, self.place.code)}/index.html"

    def pages(self, slug: str, count: int) -> list[str]:
        column = self.column(slug)
        return [column, *(column.replace("index.", f"index_{k}.") for k in range(2, count + 1))]

    def article(self, slug: str, item: Item) -> str:
        return f"/columns/{uuid(slug, self.place.code)}/{item.day:%Y%m/%d}/{uuid(slug, item.title)}.html"


class Hanweb(System):
    def hub(self, slug: str) -> str:
        return f"/col/col{number('hub', slug, self.place.code) % 90000 + 10000}/index.html"

    def column(self, slug: str) -> str:
        return f"/col/col{number(slug, self.place.code) % 90000 + 10000}/index.html"

    def article(self, slug: str, item: Item) -> str:
        day = item.day
        return f"/art/{day.year}/{day.month}/{day.day}/art_{number(slug, self.place.code) % 90000 + 10000}_{number(slug, item.title)}.html"

    def file(self, slug: str, item: Item, suffix: str) -> str:
        return f"/module/download/downfile.jsp?classid=0&showname={quote(item.title)}.{suffix}&filename={hex32(item.title)}.{suffix}"

    def view(self, item: Item, text: str) -> str:
        return f'<h1 class="tit">{item.title}</h1><p>发布日期：{item.date} 来源：{source(item, self.place)}</p><div id="zoom">{text}</div>'


class Jpaas(Hanweb):
    def hub(self, slug: str) -> str:
        return f"/{slug}/index.html"

    def column(self, slug: str) -> str:
        return f"/xxgk/{slug}/index.html"

    def article(self, slug: str, item: Item) -> str:
        return f"/xxgk/{slug}/art/{item.day.year}/art_{hex32(slug, item.title)}.html"

    def file(self, slug: str, item: Item, suffix: str) -> str:
        return f"/api-gateway/jpaas-web-server/front/document/file-download?fileUrl=/cms_files/jcms1/web2758/site/attach/0/{hex32(item.title)}.{suffix}"


class Lonsun(System):
    def organ(self, slug: str) -> int:
        return number(slug, self.place.code) % 90000 + 10000

    def column(self, slug: str) -> str:
        return f"/public/column/{self.organ(slug)}?type=3"

    def pages(self, slug: str, count: int) -> list[str]:
        column = self.column(slug)
        return [column, *(f"{column}&pageIndex={k}" for k in range(2, count + 1))]

    def pager(self, slug: str, k: int, count: int, total: int) -> str:
        return f"<script>var pageInfo = {{pageIndex:{k + 1}, pageSize:15, pageCount:{count}, total:{total}}};</script>"

    def article(self, slug: str, item: Item) -> str:
        return f"/public/{self.organ(slug)}/{number(slug, item.title)}.html"

    def file(self, slug: str, item: Item, suffix: str) -> str:
        return f"/group6/M00/0A/{hex32(item.title)[:2].upper()}/{hex32(item.title)[:28]}.{suffix}"

    def view(self, item: Item, text: str) -> str:
        return f'<h1 class="wztit">{item.title}</h1><p>发布时间：{item.date}</p><div class="j-fontContent wzcon">{text}</div>'


class Gkmlpt(System):
    def article(self, slug: str, item: Item) -> str:
        return f"/gkmlpt/content/1/22/post_{number(slug, item.title)}.html"

    def file(self, slug: str, item: Item, suffix: str) -> str:
        return f"/attachment/0/1/{number(item.title)}/{number(item.title, 2)}.{suffix}"


class Epoint(System):
    def article(self, slug: str, item: Item) -> str:
        return f"/zwgk/showinfo.html?infoGuid={uuid(slug, item.title)}"

    def file(self, slug: str, item: Item, suffix: str) -> str:
        return f"/EpointWebBuilder/pages/webbuildermis/attach/downloadztbattach?attachGuid={uuid('file', item.title)}&filename={hex32(item.title)}.{suffix}"


SYSTEMS: dict[str, type[System]] = {
    "trs": System, "ucap": Ucap, "numbered": Numbered, "listed": Listed, "nested": Nested, "channel": Channel, "vsb": Vsb,
    "openness": Openness, "php": Php, "jsp": Jsp, "asp": Asp, "pclist": PcList, "slug": Slug, "uuid": Uuid, "hanweb": Hanweb,
    "jpaas": Jpaas, "lonsun": Lonsun, "gkmlpt": Gkmlpt, "epoint": Epoint,
}  # fmt: skip
