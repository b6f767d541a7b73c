"""One small text with fields in it: parsed once, checked against the allow-list, filled in many times."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError

from notifiers.allowlist import Scope, used_fields
from notifiers.errors import ComposeError, TextError
from notifiers.fields import FILTERS, Field

#: Characters of one snippet's source; the longest letter is far below.
LONGEST_SOURCE: Final = 6_000
#: What phones turn into something to tap on: messages to citizens carry no links (they are what fraud looks like).
_DOMAINS: Final = "cn|com|net|org|gov|top|xyz|cc|io|app|link|ly|me|vip|club|site|shop|ru|tk"
_LINK: Final = re.compile(
    rf"https?:|://|\bwww\.|\b[a-z0-9-]+\.(?:{_DOMAINS})\b|\b\d{{1,3}}(?:\.\d{{1,3}}){{3}}\b", re.ASCII | re.IGNORECASE
)


def _environment() -> Environment:
    # Plain text, no HTML: nothing is escaped, and no global, test or filter of Jinja2's own is left.
    env = Environment(autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.globals.clear()
    env.tests.clear()
    env.filters.clear()
    env.filters.update({name: function for name, (function, _) in FILTERS.items()})
    return env


_ENV: Final = _environment()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A checked text of one language."""

    place: str
    language: str
    #: Characters that the filled-in text may have.
    limit: int
    links: bool
    fields: frozenset[str]
    template: Template
    #: The whole text, where it has no fields.
    fixed: str | None

    def fill(self, *, values: Mapping[str, str | date]) -> str:
        """Return the text with its fields filled in; raises ComposeError when it breaks its bounds."""
        if self.fixed is not None:
            return self.fixed
        return self._bounded(self.template.render({name: values[name] for name in self.fields}))

    def _bounded(self, rendered: str) -> str:
        text = flow(rendered, language=self.language)
        if not text:
            raise ComposeError(f"{self.place}: the filled-in text is empty; say something in every case")
        if len(text) > self.limit:
            raise ComposeError(
                f"{self.place}: {len(text)} characters, at most {self.limit} may go out; shorten the text"
            )
        if not self.links and has_link(text):
            raise ComposeError(f"{self.place}: the filled-in text holds a link; messages to citizens carry none")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What surrounds a snippet: where it stands, what it may use, how long it may get."""

    place: str
    language: str
    fields: Mapping[str, Field]
    limit: int
    links: bool = True


def compile_snippet(*, source: str, frame: Frame) -> Snippet:
    """Return the checked snippet; raises TextError and never anything else."""
    if len(source) > LONGEST_SOURCE:
        raise TextError(
            place=frame.place,
            zh=f"共 {len(source)} 字，最多 {LONGEST_SOURCE} 字；请缩短",
            en=f"has {len(source)} characters, at most {LONGEST_SOURCE} are read; shorten it",
        )
    if not frame.links and has_link(source):
        raise TextError(
            place=frame.place,
            zh="短消息不得含链接；请改写为电话或窗口",
            en="short messages carry no link; name a phone or a counter",
        )
    try:
        tree = _ENV.parse(source)
        fields = used_fields(tree=tree, scope=Scope(place=frame.place, fields=frame.fields))
        # The checked tree itself is compiled, so that nothing can differ between the two readings.
        template = _ENV.from_string(tree)
    except TemplateSyntaxError as error:
        place = f"{frame.place}, line {error.lineno}"
        raise TextError(
            place=place, zh=f"语法错误（{error.message}）；请检查花括号", en=f"{error.message}; check the braces"
        ) from error
    except (RecursionError, ValueError, OverflowError) as error:
        if isinstance(error, TextError):
            raise
        raise TextError(place=frame.place, zh="无法解析；请简化", en="cannot be read; make it simpler") from error
    return Snippet(
        place=frame.place,
        language=frame.language,
        limit=frame.limit,
        links=frame.links,
        fields=fields,
        template=template,
        fixed=None if fields else _fixed(template, frame),
    )


def _fixed(template: Template, frame: Frame) -> str:
    """Return a text without fields, whose length is known beforehand."""
    text = flow(template.render(), language=frame.language)
    if not text:
        raise TextError(place=frame.place, zh="没有内容；请填写", en="says nothing; write a text")
    if len(text) > frame.limit:
        raise TextError(
            place=frame.place,
            zh=f"共 {len(text)} 字，最多 {frame.limit} 字；请缩短",
            en=f"has {len(text)} characters, at most {frame.limit} may go out; shorten it",
        )
    return text


def has_link(text: str) -> bool:
    """Whether a phone would make something in this text a link, full-width look-alikes included."""
    return _LINK.search(unicodedata.normalize("NFKC", text).replace("。", ".")) is not None


def flow(text: str, *, language: str) -> str:
    """Return the paragraphs of a text, each on one line: a blank line parts them, a single line break does not."""
    if "\n" not in text:
        return text.strip()
    joint = "" if language == "zh" else " "
    paragraphs = (p.splitlines() for p in re.split(r"\n[ \t]*\n", text))
    joined = (joint.join(line.strip() for line in lines if line.strip()) for lines in paragraphs)
    return "\n\n".join(paragraph for paragraph in joined if paragraph)
