"""Datasette on a data folder, with our pages."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from datasette.app import Datasette
from datasette.plugins import pm

from crawler.browse import plugin
from crawler.browse.queries import query
from crawler.browse.rooms import ShowingRoom
from crawler.browse.summary import Summary
from crawler.dataset import VERSION

HERE = Path(__file__).parent
SETTINGS = {
    "sql_time_limit_ms": 3000,  # one slow query must not make the others wait
    "facet_time_limit_ms": 400,
    "suggest_facets": False,  # a guess at every column of a view over millions of rows, for each visit
    "max_returned_rows": 2000,
    "num_sql_threads": 3,
    "default_cache_ttl": 0,  # the dataset may be written to while it is shown
    "truncate_cells_html": 400,
}


class Unusable(RuntimeError):
    """The folder has no dataset that this version can show."""


def check(folder: Path) -> Path:
    """The dataset of a folder. Raises Unusable, with the command that helps."""
    path = folder / "reports.db"
    if not path.exists():
        raise Unusable(f"there is no dataset in {folder}; `make crawl` makes one")
    found = _version(path)
    if found > VERSION:
        raise Unusable(f"{path} was made by a newer version of gongkai (schema {found}, here {VERSION})")
    if found < VERSION:
        raise Unusable(
            f"{path} was made by an older version of gongkai (schema {found}, here {VERSION}); "
            f"`scrapy reread -s DATA_DIR={folder}` brings it up to date"
        )
    return path


def _version(path: Path) -> int:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return int(connection.execute(query("version")).fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{path} cannot be read: {error}") from error
    finally:
        connection.close()


def make(folder: Path) -> Datasette:
    """A server on a folder's dataset; it never writes. Raises Unusable."""
    path = check(folder)
    _quiet()
    if not pm.is_registered(plugin):
        pm.register(plugin, name="gongkai")
    datasette = Datasette(
        files=[str(path)],
        template_dir=str(HERE / "templates"),
        static_mounts=[("assets", str(HERE / "static"))],
        settings=SETTINGS,
        metadata=_metadata(),
    )
    datasette._gongkai_room = ShowingRoom(folder)
    datasette._gongkai_summary = Summary(path)
    return datasette


def _quiet() -> None:
    """Else Datasette prints each query that is cut off with all locals of all frames, which takes seconds itself."""
    from datasette import handle_exception  # not before its plugins are loaded, of which it is one

    handle_exception.rich = None


def _metadata() -> dict[str, object]:
    search = {
        "title": "全文搜索 / Full text",
        "sql": query("search_data"),
        "params": ["q"],
    }
    return {"title": "gongkai 公开", "databases": {"reports": {"queries": {"search": search}}}}
