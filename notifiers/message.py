"""What goes out: a message, its addressee, and the words on it. Personal values never show in `repr`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from notifiers.fields import Value


class Medium(StrEnum):
    """What a channel carries."""

    #: One text of at most 160 characters without a link: SMS, WeChat.
    SHORT = "short"
    #: A letter in Chinese and English; e-mail carries the same pages.
    LETTER = "letter"
    #: A letter that bears a card.
    CARD = "card"
    #: Keys for another computer system; no text and no personal data.
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom a message goes to, deciphered for this one message."""

    name: str = field(repr=False)
    address: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    #: Language of short messages and order of the pages of a letter: zh or en.
    language: str = "zh"
    #: What the texts may say besides the name, such as sex, child_name, card_number. Only declared ones are printed.
    fields: Mapping[str, Value] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """In whose name the post goes out."""

    city: Words
    office: Words
    #: Where a letter that cannot be delivered goes back to.
    address: str
    hotline: str = "12345"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The words of one language."""

    language: str
    body: str = field(repr=False)
    title: str = field(default="", repr=False)
    #: Which facts led to this letter.
    why: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line on a card."""

    label: Words
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What stands on a card."""

    heading: Words
    #: One character as a watermark.
    mark: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the message is about: keys only, fit for logs and for other systems."""

    occurrence_id: str
    trigger_id: str
    version: int
    step: str
    resident_id: str
    moment: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as a channel gets it; `attempt_id` is the idempotency key that goes out with it."""

    attempt_id: str
    notification_id: str
    channel: str
    medium: Medium
    template: str
    #: Wall time of the attempt, with its zone, and the business date.
    at: datetime
    on: date
    about: About
    sender: Sender
    #: None for events.
    to: Addressee | None
    #: The addressee's language first; a short message has one page, an event none.
    pages: tuple[Page, ...] = ()
    card: Card | None = None
