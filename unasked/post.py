"""Wiring of the post: which channel stands behind which name, in a simulation and in service."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
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
from notifiers.message import Medium
from notifiers.post_office import MEDIA, Counter, PostOffice
from notifiers.press import Press
from notifiers.texts import shipped_texts
from notifiers.tray import Tray
from unasked.addressees import Addressees
from unasked.office import Office
from unasked.senders import Senders, current_senders, sample_senders

#: Messages that one round of delivery takes.
ROUND = 500
#: Letters go to the printing house at the end of a simulated day, messages within office hours.
_NOON, _EVENING = time_of_day(12), time_of_day(18)


def plain_counters(path: Path) -> dict[str, Counter]:
    """Return counters that write every message as keys into one file: no text, no personal data."""
    channel = FileChannel(path=path)
    return {name: Counter(channel=channel, medium=Medium.EVENT, window=ROUND) for name in MEDIA}


def _never() -> bool:
    return False


def post_office(
    office: Office, counters: dict[str, Counter], senders: Senders, stopwatch: Callable[[], float]
) -> PostOffice:
    """Return a post office with the shipped texts and the last gate."""
    return PostOffice(
        counters=counters,
        texts=shipped_texts(),
        senders=senders,
        gate=LastGate(desk=office.desk),
        lookup=Addressees(keyring=office.desk.keyring),
        stopwatch=stopwatch,
    )


def simulated_post(office: Office, counters: dict[str, Counter], tray: Tray | None = None) -> Callable[[date], None]:
    """Return a function that delivers everything due at noon of a simulated day, and hands letters over at six."""
    post = post_office(office, counters, sample_senders(), lambda: 0.0)

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
    paper, tray = _paper(office, out)
    return plain_counters(out / "deliveries.jsonl") | paper, tray


def _paper(office: Office, out: Path) -> tuple[dict[str, Counter], Tray]:
    tray, press = Tray(folder=out / "print"), Press(font=office.settings.font)
    paper = (("letter", Medium.LETTER), ("card", Medium.CARD))
    return {
        name: Counter(channel=LetterChannel(press=press, tray=tray, name=name), medium=medium, window=ROUND)
        for name, medium in paper
    }, tray


def service_post(office: Office, *, stopping: Callable[[], bool] = _never) -> tuple[PostOffice, Tray]:
    """Return the post office of the service: letters and cards are printed, e-mail is sent where it is configured.

    A channel with nothing behind it has no counter: its messages go on to the next one, and the attempt says why.
    """
    counters, tray = _paper(office, office.settings.home / "post")
    counters["file"] = Counter(channel=FileChannel(path=tray.folder.parent / "messages.jsonl"), medium=Medium.LETTER)
    if office.settings.smtp_url is not None:
        channel = SmtpChannel(account=mail_account(office.settings.smtp_url))
        counters["email"] = Counter(channel=channel, medium=Medium.LETTER)
    post = post_office(office, counters, current_senders(office.settings), time.monotonic)
    return replace(post, stopping=stopping), tray
