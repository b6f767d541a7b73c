"""From an outbox row, its text and its addressee to a message: declared fields only, each within its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from notifiers.errors import ComposeError
from notifiers.fields import Value, clean
from notifiers.message import About, Addressee, Card, Line, Medium, Message, Page, Sender, Words
from notifiers.texts import LANGUAGES, Both, CardText, Letter, Text

#: A row of the outbox, by column name.
Row = Mapping[str, Any]
Values = Mapping[str, str | date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What all messages of one batch share: who sends, wall time, business date."""

    sender: Sender
    at: datetime
    on: date


def compose(
    *, row: Row, attempt_id: str, medium: Medium, content: tuple[Text, Addressee] | None, occasion: Occasion
) -> Message:
    """Return the message of a row (content None for events); raises ComposeError, which repeats no value."""
    to: Addressee | None = None
    pages: tuple[Page, ...] = ()
    card: Card | None = None
    if content is not None:
        text, to = content
        pages, card = words(
            text=text, medium=medium, to=to, values=values(text=text, to=to, row=row, occasion=occasion)
        )
    return Message(
        attempt_id=attempt_id,
        notification_id=row["notification_id"],
        channel=row["channel"],
        medium=medium,
        template=row["template"],
        at=occasion.at,
        on=occasion.on,
        about=About(**{name: row[name] for name in About.__dataclass_fields__}),
        sender=occasion.sender,
        to=to,
        pages=pages,
        card=card,
    )


def values(*, text: Text, to: Addressee, row: Row, occasion: Occasion) -> Values:
    """Return the declared fields of a text with their values, and nothing else; raises ComposeError."""
    sender = occasion.sender
    known: dict[str, Value] = {
        **to.fields,
        "name": to.name,
        "city": sender.city.zh,
        "city_en": sender.city.en,
        "office": sender.office.zh,
        "office_en": sender.office.en,
        "hotline": sender.hotline,
        "moment": row["moment"],
        "today": occasion.on,
    }
    return {field.name: clean(field=field, value=known.get(field.name)) for field in text.fields.values()}


def words(*, text: Text, medium: Medium, to: Addressee, values: Values) -> tuple[tuple[Page, ...], Card | None]:
    """Return the filled-in pages, the addressee's language first, and the card; raises ComposeError."""
    order = sorted(LANGUAGES, key=lambda language: language != to.language)
    if medium is Medium.SHORT and text.short is not None:
        return (Page(language=order[0], body=text.short[order[0]].fill(values=values).replace("\n\n", " ")),), None
    if medium is Medium.LETTER and text.letter is not None:
        return tuple(_page(text.letter, language, values) for language in order), None
    if medium is Medium.CARD and text.letter is not None and text.card is not None:
        return tuple(_page(text.letter, language, values) for language in order), _card(text.card, values)
    raise ComposeError(f'text "{text.id}" has no words for a {medium}; add the part "{medium}" to its document')


def _page(letter: Letter, language: str, values: Values) -> Page:
    parts = {"title": letter.title, "body": letter.body, "why": letter.why}
    return Page(language=language, **{name: both[language].fill(values=values) for name, both in parts.items()})


def _card(card: CardText, values: Values) -> Card:
    lines = (Line(label=_words(label, values), value=value.fill(values=values)) for label, value in card.lines)
    return Card(heading=_words(card.heading, values), mark=card.mark, lines=tuple(lines))


def _words(both: Both, values: Values) -> Words:
    return Words(zh=both["zh"].fill(values=values), en=both["en"].fill(values=values))
