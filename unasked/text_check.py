"""Check of the texts that a trigger names: they exist, have words for each channel, and can be filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from notifiers.errors import ComposeError
from notifiers.message import Addressee, Medium
from notifiers.post_office import MEDIA
from notifiers.render import Occasion, Values, values, words
from notifiers.texts import LANGUAGES, Text, shipped_texts
from rules.errors import Words, suggestion
from rules.trigger import Trigger
from unasked.addressees import SAMPLE
from unasked.errors import Refusal
from unasked.senders import sample_senders

#: The part of a text document that a medium needs.
_PARTS = {Medium.SHORT: "short", Medium.LETTER: "letter", Medium.CARD: "card"}
_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """One place of a trigger that names a text: the path, the text, and by which channel it goes out."""

    path: str
    template: str
    channel: str
    medium: Medium


def text_faults(trigger: Trigger, texts: Mapping[str, Text]) -> list[Words]:
    """Return what is wrong with the texts that a trigger names, each with its path; nothing when all can go out."""
    found: dict[str, Words] = {}
    for use in _uses(trigger):
        fault = _fault(use, texts)
        if fault is not None:
            found.setdefault(fault.en, fault)
    return list(found.values())


def refuse_bad_texts(trigger: Trigger, *, place: str) -> None:
    """Raise Refusal when a text that the trigger names is missing or cannot be filled in."""
    faults = text_faults(trigger, shipped_texts())
    if faults:
        raise Refusal("\n".join(f"{place}: {fault.en}\n{place}：{fault.zh}" for fault in faults))


def _uses(trigger: Trigger) -> Iterator[_Use]:
    for number, step in enumerate(trigger.plan):
        if step.notify is not None:
            path = f"plan[{number}].notify.template"
            for channel in step.notify.channels:
                if MEDIA[channel] is not Medium.EVENT:
                    yield _Use(path=path, template=step.notify.template, channel=channel, medium=MEDIA[channel])
        if step.issue is not None:
            path = f"plan[{number}].issue.licence"
            yield _Use(path=path, template=step.issue.licence, channel="card", medium=Medium.CARD)


def _fault(use: _Use, texts: Mapping[str, Text]) -> Words | None:
    text = texts.get(use.template)
    if text is None:
        hint = suggestion(use.template, texts)
        zh, en = f"没有文本 “{use.template}”；{hint.zh}", f'there is no text "{use.template}"; {hint.en}'
    elif not text.carries(use.medium):
        part = _PARTS[use.medium]
        zh = f"文本 “{use.template}” 不含渠道 {use.channel} 所需的部分；请在文本中补上 “{part}”"
        en = f'text "{use.template}" has no words for the channel {use.channel}; add the part "{part}" to it'
    else:
        return _unfilled(use, text)
    return Words(zh=f"{use.path}：{zh}", en=f"{use.path}: {en}")


def _unfilled(use: _Use, text: Text) -> Words | None:
    """Fill the text in for a sample resident, in the order of each language."""
    for language in LANGUAGES:
        to: Addressee = replace(SAMPLE, language=language)
        try:
            words(text=text, medium=use.medium, to=to, values=_values(text, to))
        except ComposeError as error:
            said = f'{use.path}: text "{use.template}" ({language})'
            return Words(zh=f"{said}：{error}", en=f"{said}: {error}")
    return None


def _values(text: Text, to: Addressee) -> Values:
    sender = sample_senders().otherwise
    return values(text=text, to=to, row={"moment": _AT.date()}, occasion=Occasion(sender=sender, at=_AT, on=_AT.date()))
