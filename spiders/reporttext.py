"""Whether a text is a whole report: the headings of the form, in its words since 2019 and in those before."""

from __future__ import annotations

import re

_PARTS = (
    re.compile(r"总体情况|工作概述|基本情况|概述"),
    re.compile(r"主动公开政府信息(?:的)?情况|主动公开情况|政府信息主动公开"),
    re.compile(r"收到和处理政府信息公开申请|依申请公开(?:政府信息)?(?:的)?情况|申请公开政府信息"),
    re.compile(r"行政复议、?(?:和)?行政诉讼|复议、?诉讼"),
    re.compile(r"存在的?(?:主要)?问题|改进(?:情况|措施)"),
    re.compile(r"其他需要报告的事项|需要说明的(?:其他)?事项|收费及减免|咨询(?:处理)?情况"),
)
LEAST = 4
LENGTH = 400


def holds_report(text: str) -> bool:
    """True when at least four of the six parts of the form are named in a text that is no mere list of names."""
    return len(text) >= LENGTH and sum(bool(part.search(text)) for part in _PARTS) >= LEAST
