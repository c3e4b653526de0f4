"""Tells a person what a run's monitors found: by a command, a webhook or e-mail. A notice never fails a crawl.

Settings::

    NOTIFY_WHEN = "alarm"                 # "alarm": only when something needs an action; "always": after every run
    NOTIFY_COMMAND = ""                   # a command line; the notice is its standard input
    NOTIFY_WEBHOOK = ""                   # http(s)://…; gets a JSON object with text, subject, run and alarms
    NOTIFY_EMAIL = ""                     # addresses, divided by commas
    NOTIFY_EMAIL_FROM = "gongkai@localhost"
    NOTIFY_SMTP = "localhost:25"          # a mail server that takes mail from this machine without a password
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import shlex
import smtplib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

log = logging.getLogger(__name__)

TIMEOUT = 20.0
"""Seconds that one way of telling may take: the crawl is over, and its process waits."""

FAILURES = (OSError, ValueError, subprocess.SubprocessError, smtplib.SMTPException, http.client.HTTPException)


@dataclass(frozen=True, slots=True)
class Notice:
    """``subject`` is one line, ``text`` is for people, ``data`` for programs (JSON)."""

    subject: str
    text: str
    data: dict[str, Any]


def deliver(settings: BaseSettings, notice: Notice) -> list[str]:
    """Sends a notice in every way that is set; returns the ways that failed, which the log explains."""
    ways: dict[str, Callable[[BaseSettings, Notice], None]] = {
        "NOTIFY_COMMAND": by_command,
        "NOTIFY_WEBHOOK": by_webhook,
        "NOTIFY_EMAIL": by_email,
    }
    failed = []
    for name, way in ways.items():
        if not settings.get(name):
            continue
        try:
            way(settings, notice)
        except FAILURES as error:
            log.error("A notice could not be sent (%s): %s", name, error)
            failed.append(name)
    return failed


def by_command(settings: BaseSettings, notice: Notice) -> None:
    """Without a shell. ``GONGKAI_SUBJECT`` is the subject, ``GONGKAI_RUN`` the run as JSON."""
    told = {"GONGKAI_SUBJECT": notice.subject, "GONGKAI_RUN": json.dumps(notice.data, ensure_ascii=False)}
    done = subprocess.run(
        shlex.split(settings["NOTIFY_COMMAND"]),
        input=notice.text.encode(),
        env={**os.environ, **told},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-300:]
        raise ValueError(f"the command ended with code {done.returncode}: {said}")


def by_webhook(settings: BaseSettings, notice: Notice) -> None:
    """``text`` at the top level is what chat servers (Slack, Mattermost, DingTalk bridges) show."""
    parts = urlsplit(settings["NOTIFY_WEBHOOK"])
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds or not parts.hostname:
        raise ValueError("the address of a webhook begins with http:// or https://")
    connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=TIMEOUT)
    body = json.dumps({"subject": notice.subject, "text": f"{notice.subject}\n{notice.text}", **notice.data})
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, {"Content-Type": "application/json", "User-Agent": "gongkai"})
        answer = connection.getresponse()
        if not 200 <= answer.status < 300:
            raise ValueError(f"the webhook answered with status {answer.status}")
    finally:
        connection.close()


def by_email(settings: BaseSettings, notice: Notice) -> None:
    host, _, port = settings.get("NOTIFY_SMTP", "localhost:25").rpartition(":")
    mail = EmailMessage()
    mail["Subject"] = notice.subject
    mail["From"] = settings.get("NOTIFY_EMAIL_FROM", "gongkai@localhost")
    mail["To"] = ", ".join(settings.getlist("NOTIFY_EMAIL"))
    mail.set_content(notice.text)
    with smtplib.SMTP(host, int(port), timeout=TIMEOUT) as server:
        server.send_message(mail)
