"""The project's settings with the monitors on, whatever the defaults are."""

from __future__ import annotations

from crawler.settings import *  # noqa: F403
from crawler.settings import EXTENSIONS as USUAL

EXTENSIONS = {**USUAL, "crawler.monitors.Watch": 300}
SPIDERMON_ENABLED = True
SPIDERMON_ENGINE_STOP_MONITORS = ("crawler.monitors.RunSuite",)
