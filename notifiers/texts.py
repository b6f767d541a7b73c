"""Text documents: one YAML file for each template id, with its declared fields and its words for every medium."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from notifiers.fields import Field
from notifiers.message import Medium
from notifiers.snippet import Frame, Snippet, compile_snippet
from notifiers.text_form import Form, read_fields

#: Characters of each part. 160 is one SMS as gateways count long ones; the others fill a page in large type.
LIMITS: Final = {"short": 160, "title": 90, "body": 1_600, "why": 500, "heading": 60, "label": 24, "value": 60}
LANGUAGES: Final = ("zh", "en")
#: Lines that fit on a card.
MOST_LINES: Final = 5


class Repeat(StrEnum):
    """What happens after a time-out on a channel that can neither recognise a repeat nor be asked."""

    #: Statutory notices: rather twice than never.
    AT_LEAST_ONCE = "at_least_once"
    #: Service tips: rather never than twice.
    AT_MOST_ONCE = "at_most_once"


Both = Mapping[str, Snippet]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The words of a letter, by language."""

    title: Both
    body: Both
    why: Both


@dataclass(frozen=True, slots=True, kw_only=True)
class CardText:
    """The words of a card: its heading, its watermark, and (label, value) lines."""

    heading: Both
    mark: str
    lines: tuple[tuple[Both, Snippet], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text document."""

    id: str
    repeat: Repeat
    fields: Mapping[str, Field]
    short: Both | None
    letter: Letter | None
    card: CardText | None

    def carries(self, medium: Medium) -> bool:
        """Whether the document has words for a medium."""
        parts = {Medium.SHORT: self.short, Medium.LETTER: self.letter, Medium.CARD: self.card}
        return parts.get(medium) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Turns the strings of one document into snippets, and remembers which fields they use."""

    form: Form
    fields: Mapping[str, Field]
    used: set[str]

    def both(self, node: Any, path: str, part: str) -> Both:
        words = self.form.mapping(node, path, required=LANGUAGES)
        return {language: self.snippet(words[language], f"{path}.{language}", part) for language in LANGUAGES}

    def snippet(self, source: Any, path: str, part: str) -> Snippet:
        frame = Frame(
            place=f"{self.form.name}: {path}",
            language="zh" if path.endswith(".zh") else "en",
            fields=self.fields,
            limit=LIMITS[part],
            links=part != "short",
        )
        snippet = compile_snippet(source=self.form.string(source, path), frame=frame)
        self.used.update(snippet.fields)
        return snippet

    def letter(self, node: Any) -> Letter:
        words = self.form.mapping(node, "letter", required=("title", "body", "why"))
        return Letter(**{part: self.both(words[part], f"letter.{part}", part) for part in ("title", "body", "why")})

    def card(self, node: Any) -> CardText:
        words = self.form.mapping(node, "card", required=("heading", "mark", "lines"))
        mark = self.form.string(words["mark"], "card.mark")
        if len(mark) != 1:
            raise self.form.error("card.mark", "水印为一个字", "the watermark is one character")
        heading = self.both(words["heading"], "card.heading", "heading")
        return CardText(heading=heading, mark=mark, lines=tuple(self._lines(words["lines"])))

    def _lines(self, node: Any) -> Iterator[tuple[Both, Snippet]]:
        for index, item in enumerate(self.form.items(node, "card.lines", most=MOST_LINES)):
            path = f"card.lines[{index}]"
            line = self.form.mapping(item, path, required=("label", "value"))
            yield (
                self.both(line["label"], f"{path}.label", "label"),
                self.snippet(line["value"], f"{path}.value", "value"),
            )


def load_text(*, source: str, name: str) -> Text:
    """Return the checked document; raises TextError: file, path in it, what was found, how to mend it."""
    form = Form(name=name)
    document = form.document(source)
    reader = _Reader(form=form, fields=read_fields(form, document["fields"]), used=set())
    short, letter, card = (document.get(part) for part in ("short", "letter", "card"))
    text = Text(
        id=form.string(document["id"], "id"),
        repeat=Repeat(form.choice(document["repeat"], "repeat", tuple(Repeat))),
        fields=reader.fields,
        short=None if short is None else reader.both(short, "short", "short"),
        letter=None if letter is None else reader.letter(letter),
        card=None if card is None else reader.card(card),
    )
    _complete(text, reader)
    return text


def _complete(text: Text, reader: _Reader) -> None:
    """Refuse what no reader or no person is served by: a card without its letter, fields that nobody prints."""
    form = reader.form
    if text.id != form.name.removesuffix(".yaml"):
        raise form.error("id", f'"{text.id}" 与文件名不符', f'"{text.id}" differs from the file name; make them equal')
    if text.letter is None and (text.short is None or text.card is not None):
        raise form.error(
            "letter", "须有 short 或 letter；card 须配 letter", "write `short` or `letter`; a `card` needs its `letter`"
        )
    unused = sorted(set(text.fields) - reader.used)
    if unused:
        listed = ", ".join(unused)
        raise form.error("fields", f"声明了但未使用：{listed}；请删去", f"declared but never used: {listed}; remove it")


def read_texts(*, folder: Traversable) -> dict[str, Text]:
    """Return the documents of a folder by id; raises TextError at the first bad one."""
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name)
    texts = (load_text(source=entry.read_text(encoding="utf-8"), name=entry.name) for entry in found)
    return {text.id: text for text in texts}


def shipped_texts() -> dict[str, Text]:
    """Return the documents that come with Unasked, by template id."""
    return read_texts(folder=files("notifiers") / "templates")
