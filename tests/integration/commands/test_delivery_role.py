"""The post of the service: whose name is on it, what becomes of channels that are not set up, and how it stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from notifiers.delivery import deliver_due
from tests.house.tree import ROOT
from tests.integration.commands.conftest import Unasked, snapshot
from tests.integration.notifiers.mail_server import Mailbox, serving
from unasked.errors import Refusal
from unasked.office import open_office
from unasked.post import service_post
from unasked.settings import Profile

Books = Callable[[str], list[Any]]

TRIGGER = """
schema: unasked/trigger@1
id: welcome
title: {{zh: 欢迎, en: "Welcome"}}
field: social-services
owner: {owner}
legal_basis: "invented for a test"
when: age(birth_date) >= 65
backlog: all
plan:
  - {{step: tell, at: 0d, notify: {{to: resident, template: senior-card-notice, channels: [{channels}]}}}}
examples:
  - {{name: on the birthday, given: {{birth_date: 1961-03-01}}, expect: {{moment: 2026-03-01}}}}
"""
PERSON = {
    "birth_date": "1950-01-01",
    "status": "resident",
    "name": "王秀英",
    "address": "示例市示例路1号",
    "email": "wang@mail.example",
}


def _due(unasked: Unasked, home: Path, *, channels: str, people: int = 1, owner: str = "civil-affairs") -> None:
    """Somebody has a message in the outbox."""
    trigger = home / "welcome.yaml"
    trigger.write_text(TRIGGER.format(channels=channels, owner=owner), encoding="utf-8")
    rows = [{"resident_id": f"r{number}", **PERSON} for number in range(people)]
    assert unasked("load", snapshot(home / "residents.jsonl", *rows)).code == 0
    assert unasked("trigger", "publish", trigger).code == 0
    assert unasked("sweep").code == 0


def _deliver() -> None:
    office = open_office()
    post, _tray = service_post(office)
    claimed = 1
    while claimed:
        now = datetime.now(UTC).astimezone(office.desk.zone)
        claimed = deliver_due(engine=office.engine, now=now, today=now.date(), post=post, limit=500).claimed
    office.engine.dispose()


NOTICE = 'SELECT state, reason, channel FROM "notification"'
ATTEMPTS = "SELECT channel, state, detail FROM attempt ORDER BY channel DESC"
ABSENT = "this channel is not set up here"


def test_a_channel_that_is_not_set_up_is_passed_over_and_the_attempt_says_so(
    unasked: Unasked, home: Path, books: Books
) -> None:
    _due(unasked, home, channels="sms, wechat, letter")
    _deliver()
    (letter,) = (home / "home" / "post" / "print").rglob("*.pdf")
    assert books(NOTICE) == [("planned", None, "letter")]
    assert books(ATTEMPTS) == [
        ("wechat", "failed", ABSENT),
        ("sms", "failed", ABSENT),
        ("letter", "accepted", letter.name),
    ]


@pytest.mark.parametrize("channels", ["sms", "sms, wechat", "email"])
def test_without_any_way_a_message_fails_visibly_and_is_never_counted_as_sent(
    unasked: Unasked, home: Path, books: Books, channels: str
) -> None:
    _due(unasked, home, channels=channels)
    _deliver()
    last = channels.rpartition(" ")[2]
    assert books(NOTICE) == [("failed", "undeliverable", last)]
    assert {detail for _, _, detail in books(ATTEMPTS)} == {ABSENT}
    assert json.loads(unasked("export", "notifications").out)["reason"] == "undeliverable"
    assert not (home / "home" / "post" / "print").exists()


def test_an_operator_who_asks_why_reads_what_became_of_the_message(unasked: Unasked, home: Path) -> None:
    _due(unasked, home, channels="sms")
    _deliver()
    said = unasked("why", "r0", "--trigger", "welcome").out
    assert "no channel is set up for it, or its text cannot be written" in said
    assert "没有可用的渠道或文本" in said


@pytest.mark.parametrize(
    ("owner", "office"),
    [("education-bureau", "示例市教育局"), ("civil-affairs", "示例市民政局"), ("other", "示例市政务服务中心")],
)
def test_a_message_goes_out_in_the_name_of_the_department_that_owns_its_trigger(
    unasked: Unasked, home: Path, books: Books, monkeypatch: pytest.MonkeyPatch, owner: str, office: str
) -> None:
    box = Mailbox()
    with serving(box) as port:
        monkeypatch.setenv("UNASKED_SMTP_URL", _smtp(port))
        _due(unasked, home, channels="email", owner=owner)
        _deliver()
    (mail,) = box.accepted
    text = message_from_bytes(mail.content, policy=default).get_content()
    assert office in text
    assert books(NOTICE) == [("sent", None, "email")]


def test_sigterm_ends_a_delivery_between_two_messages(unasked: Unasked, home: Path, books: Books) -> None:
    # As many as the volume guard lets pass without looking.
    _due(unasked, home, channels="email", people=20)
    box = Mailbox(silence=0.2)
    with serving(box) as port:
        role = subprocess.Popen(
            [sys.executable, "-m", "unasked", "delivery"],
            cwd=ROOT,
            env={**os.environ, "UNASKED_SMTP_URL": _smtp(port)},
            stdout=subprocess.DEVNULL,
        )
        while not box.accepted:
            assert role.poll() is None
            time.sleep(0.02)
        role.send_signal(signal.SIGTERM)
        assert role.wait(8) == 0
    sent = books("SELECT count(*) FROM \"notification\" WHERE state = 'sent'")[0][0]
    left = books("SELECT count(*) FROM \"notification\" WHERE state = 'planned' AND lease_token IS NULL")[0][0]
    assert 0 < sent == len(box.accepted) < 20
    assert left == 20 - sent


def test_production_does_not_write_in_the_name_of_the_sample_city(unasked: Unasked, home: Path) -> None:
    _due(unasked, home, channels="letter")
    office = open_office()
    strict = replace(office, settings=replace(office.settings, profile=Profile.PRODUCTION))
    with pytest.raises(Refusal, match="UNASKED_SENDERS: not set, and production does not write"):
        service_post(strict)
    office.engine.dispose()


def _smtp(port: int) -> str:
    return f"smtp://127.0.0.1:{port}?tls=none&from=notice@city.example"
