"""Senders: in whose name the post goes out, by the department that owns the trigger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection

from casework.bookkeeping import current_book
from notifiers.message import Sender, Words
from rules.errors import Place, TriggerError
from rules.errors import Words as Refused
from rules.section import Section
from rules.yaml_tree import read_tree
from unasked.documents import read_text
from unasked.errors import Refusal
from unasked.settings import Profile, Settings

SCHEMA = "unasked/senders@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """The city's offices by department; others write in the name of the office `otherwise`."""

    offices: Mapping[str, Sender]
    otherwise: Sender

    def of(self, owner: str) -> Sender:
        """Return the office of a department."""
        return self.offices.get(owner, self.otherwise)

    def __call__(self, *, db: Connection, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Sender]:
        """Return the sender by trigger: the office of the department that owns it."""
        book = current_book(db)
        return {name: self.of(book.newest(name).trigger.owner) for name in {row["trigger_id"] for row in rows}}


def current_senders(settings: Settings) -> Senders:
    """Return the senders that the settings name, by default those of a sample city; raises Refusal."""
    if settings.senders is not None:
        return read_senders(read_text(settings.senders), name=str(settings.senders))
    if settings.profile is Profile.PRODUCTION:
        raise Refusal(
            "UNASKED_SENDERS: not set, and production does not write in the name of a sample city; "
            "name a document with your offices, made from docs/howto/name-the-senders.md"
        )
    return sample_senders()


def sample_senders() -> Senders:
    """Return the senders of the sample city."""
    document = files("unasked") / "senders.yaml"
    return read_senders(document.read_text(encoding="utf-8"), name=document.name)


def read_senders(text: str, *, name: str) -> Senders:
    """Read a document of senders; raises Refusal with the line."""
    try:
        return _senders(Section(read_tree(text, name=name), Place(source=name)))
    except TriggerError as error:
        raise Refusal(f"{error.en}\n{error.zh}") from error


def _senders(top: Section) -> Senders:
    top.only("schema", "city", "hotline", "offices", "otherwise")
    if top.text("schema") != SCHEMA:
        expected = Refused(zh="不是可用的版本", en="is no schema of senders")
        raise top.error("schema", expected=expected, fix=Refused(zh=f"请写 {SCHEMA}", en=f"write {SCHEMA}"))
    city = top.section("city")
    city.only("zh", "en")
    shared = Words(zh=city.text("zh"), en=city.text("en")), top.text("hotline")
    offices = top.section("offices")
    return Senders(
        offices={name: _sender(offices.section(name), *shared) for name in offices},
        otherwise=_sender(top.section("otherwise"), *shared),
    )


def _sender(section: Section, city: Words, hotline: str) -> Sender:
    section.only("zh", "en", "address")
    office = Words(zh=section.text("zh"), en=section.text("en"))
    return Sender(city=city, office=office, address=section.text("address"), hotline=hotline)
