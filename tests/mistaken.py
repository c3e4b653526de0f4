"""A spider with a mistake: its callback fails at every document, and nobody answers for the survey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapy.http import Response

from spiders.county import County
from spiders.navigation import Survey, Task


class Mistaken(County):
    name = "county"

    def answered(self, response: Response, survey: Survey, task: Task) -> Iterator[Any]:
        if task.purpose == "document":
            raise ZeroDivisionError
        yield from super().answered(response, survey, task)
