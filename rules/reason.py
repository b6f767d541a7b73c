"""The verdict in one sentence: only the parts of a condition that decide it, with the facts they looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fields import FIELDS, IN_POPULATION
from models.vocabulary.verdict import Verdict
from rules.ast import And, Node, Or, Present, fields_of
from rules.errors import Words
from rules.interpret import pair_verdict
from rules.lowering import lower
from rules.sentence import Language, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from rules.condition import Condition

_OPENING = {
    Verdict.TRUE: Words(zh="成立：", en="holds: "),
    Verdict.FALSE: Words(zh="不成立，因为不满足：", en="does not hold, since this fails: "),
    Verdict.UNKNOWN: Words(zh="无法判断：", en="cannot be decided: "),
}
_ABSENT = Words(zh="无", en="absent")
#: Fields whose text may stand although the date behind it is not relied on.
_BIRTH = FIELDS["birth_date"]
_DOUBTED = Words(zh="，核查中或有矛盾", en=", under investigation or contradictory")


def reason(condition: Condition, row: Mapping[str, object], day: date) -> Words:
    """Return why a condition gives its verdict for a resident on a business date, in Chinese and in English."""
    verdict = pair_verdict((condition.holds, condition.fails), row, day)
    parts = list(_deciding(condition.full, condition, row, day))
    opening = _OPENING[verdict]
    return Words(
        zh=opening.zh + "；".join(_told(part, row, Language.ZH) for part in parts),
        en=opening.en + "; ".join(_told(part, row, Language.EN) for part in parts),
    )


def _deciding(node: Node, condition: Condition, row: Mapping[str, object], day: date) -> Iterator[Node]:
    """Yield the smallest parts that give a node its verdict; a negation is told as a whole."""
    if not isinstance(node, (And, Or)):
        yield node
        return
    verdicts = [(item, pair_verdict(lower(item, condition.leap_day), row, day)) for item in node.items]
    mine = pair_verdict(lower(node, condition.leap_day), row, day)
    for item, verdict in verdicts:
        if verdict is mine:
            yield from _deciding(item, condition, row, day)


def _told(node: Node, row: Mapping[str, object], lang: Language) -> str:
    facts = _facts(node, row, lang)
    text = sentence(node, lang)
    return f"{text}（{facts}）" if lang is Language.ZH else f"{text} ({facts})"


def _facts(node: Node, row: Mapping[str, object], lang: Language) -> str:
    names = [field.name for field in fields_of(node)]
    if isinstance(node, Present):
        names = [IN_POPULATION, "status", "death_date"]
    return ", ".join(f"{name} = {_value(name, row, lang)}" for name in names)


def _value(name: str, row: Mapping[str, object], lang: Language) -> str:
    value = row.get(name)
    if value is None:
        return _ABSENT.zh if lang is Language.ZH else _ABSENT.en
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if name == _BIRTH.name and row.get(_BIRTH.bounds[0]) is None:
        text += _DOUBTED.zh if lang is Language.ZH else _DOUBTED.en
    return text
