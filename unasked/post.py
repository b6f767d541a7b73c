"""Wiring of the post: which channel stands behind which name, in a simulation and in service."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from datetime import time as time_of_day
from pathlib import Path

from casework.last_gate import LastGate
from notifiers.channels.file import FileChannel
from notifiers.channels.letter import LetterChannel
from notifiers.channels.mail_account import mail_account
from notifiers.channels.smtp import SmtpChannel
from notifiers.delivery import deliver_due
from notifiers.hand_over import hand_over
from notifiers.message import Medium, Sender, Words
from notifiers.post_office import MEDIA, Counter, Hours, PostOffice
from notifiers.press import Press
from notifiers.texts import shipped_texts
from notifiers.tray import Tray
from unasked.addressees import Addressees
from unasked.office import Office

#: Messages that one round of delivery takes.
ROUND = 500
#: Letters go to the printing house at the end of a simulated day, messages within office hours.
_NOON, _EVENING = time_of_day(12), time_of_day(18)

SENDER = Sender(
    city=Words(zh="示例市", en="Sample City"),
    office=Words(zh="示例市民政局", en="Civil Affairs Bureau of Sample City"),
    address="示例市示例路1号",
)


def plain_counters(path: Path) -> dict[str, Counter]:
    """Return counters that write every message as keys into one file: no text, no personal data."""
    channel = FileChannel(path=path)
    return {name: Counter(channel=channel, medium=Medium.EVENT, window=ROUND) for name in MEDIA}


def post_office(office: Office, counters: dict[str, Counter], stopwatch: Callable[[], float]) -> PostOffice:
    """Return a post office with the shipped texts and the last gate."""
    return PostOffice(
        counters=counters,
        texts=shipped_texts(),
        sender=SENDER,
        gate=LastGate(desk=office.desk),
        lookup=Addressees(keyring=office.desk.keyring),
        stopwatch=stopwatch,
    )


def simulated_post(office: Office, counters: dict[str, Counter], tray: Tray | None = None) -> Callable[[date], None]:
    """Return a function that delivers everything due at noon of a simulated day, and hands letters over at six."""
    post = post_office(office, counters, lambda: 0.0)

    def deliver(day: date) -> None:
        at = datetime.combine(day, _NOON, tzinfo=office.desk.zone)
        while deliver_due(engine=office.engine, now=at, today=day, post=post, limit=ROUND).claimed:
            pass
        if tray is not None:
            evening = datetime.combine(day, _EVENING, tzinfo=office.desk.zone)
            hand_over(engine=office.engine, tray=tray, gate=post.gate, now=evening, today=day)

    return deliver


def printing_counters(office: Office, out: Path) -> tuple[dict[str, Counter], Tray]:
    """Return counters that print letters and cards as PDF and write the rest to a file; raises PaperError."""
    counters = plain_counters(out / "deliveries.jsonl")
    tray = Tray(folder=out / "print")
    press = Press(font=office.settings.font)
    for name, medium in (("letter", Medium.LETTER), ("card", Medium.CARD)):
        counters[name] = Counter(channel=LetterChannel(press=press, tray=tray, name=name), medium=medium, window=ROUND)
    return counters, tray


def service_post(office: Office) -> tuple[PostOffice, Tray]:
    """Return the post office of the service: letters printed, e-mail sent where configured, the rest to a file."""
    counters, tray = printing_counters(office, office.settings.home / "post")
    hours = Hours()
    for name in ("sms", "wechat"):
        counters[name] = Counter(channel=counters[name].channel, medium=counters[name].medium, hours=hours)
    if office.settings.smtp_url is not None:
        channel = SmtpChannel(account=mail_account(office.settings.smtp_url))
        counters["email"] = Counter(channel=channel, medium=Medium.LETTER)
    return post_office(office, counters, time.monotonic), tray
