"""What an analysis found, in words of Chinese and English, and as plain values."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from models.fields import FIELDS
from rules.errors import Words
from rules.findings import Analysis, Finding, Kind, Level, Proof, Resident, Unanswered
from rules.sentence import Language, value_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from models.fields import Field

_MARKS = {Level.FAULT: "✗", Level.WARNING: "!", Level.NOTE: "·"}
_SAID = {
    Kind.NEVER: Words(zh="{a}：条件永远不成立，不会为任何人触发", en="{a}: its condition is never true, for nobody"),
    Kind.ALWAYS: Words(
        zh="{a}：条件对每个在住居民都成立，等于没有条件", en="{a}: its condition is true for everybody who lives here"
    ),
    Kind.NEVER_FALSE: Words(
        zh="{a}：只要资料齐全，条件对每个在住居民都成立，没有排除任何人",
        en="{a}: its condition is true for everybody whose facts are known, it leaves nobody out",
    ),
    Kind.IMPLIED: Words(zh="{a}：凡符合它的人也都符合 {b}", en="{a}: everybody for whom it is true is also one of {b}"),
    Kind.EQUAL: Words(zh="{a} 与 {b} 的对象完全相同", en="{a} and {b} are for the same residents"),
    Kind.OVERLAP: Words(zh="{a} 与 {b} 有共同的对象", en="{a} and {b} are for some of the same residents"),
    Kind.GAP: Words(zh="{a} 与 {b} 之间有空档：{ages}不属于任何一档", en="between {a} and {b} there is a gap: {ages}"),
    Kind.BANDS_OVERLAP: Words(
        zh="{a} 与 {b} 两档重叠，有人同时属于两档", en="the bands {a} and {b} overlap: some residents are in both"
    ),
}
_ASKED = {
    Kind.NEVER: Words(zh="是否永远不成立", en="is it never true?"),
    Kind.ALWAYS: Words(zh="是否对所有人成立", en="is it true for everybody?"),
    Kind.NEVER_FALSE: Words(zh="是否没有排除任何人", en="does it leave nobody out?"),
    Kind.IMPLIED: Words(zh="是否一个包含另一个", en="is one part of the other?"),
    Kind.EQUAL: Words(zh="是否对象完全相同", en="are they for the same residents?"),
    Kind.OVERLAP: Words(zh="是否有共同的对象", en="are they for some of the same residents?"),
    Kind.GAP: Words(zh="是否有空档", en="is there a gap between them?"),
    Kind.BANDS_OVERLAP: Words(zh="是否重叠", en="do they overlap?"),
}
_SURE = {
    Proof.PROVED: Words(
        zh="其余没有问题（已证明）：没有永远不成立或对所有人成立的条件，年龄档之间没有空档或重叠，没有两个触发器为同一人做同一件事",
        en="nothing else is wrong (proved): no condition is never or always true, bands leave out no age and share "
        "none, no two triggers do the same for the same resident",
    ),
    Proof.SAMPLED: Words(
        zh="其余未发现问题，但仅为抽样，未经证明：没有安装求解器（附加组件 analysis）",
        en="nothing else was found, sampled, not proved: no solver is installed (the extra `analysis`)",
    ),
    Proof.NOT_CHECKED: Words(
        zh="以下问题未能查清（求解超时），不能当作没有问题",
        en="these were not checked (no time left), so they need not be fine",
    ),
}


def lines(analysis: Analysis, lang: Language, *, notes: bool = True) -> Iterator[str]:
    """Yield the findings line by line, the worst first, and how sure they are; `notes` are only worth knowing."""
    for finding in analysis.findings:
        if finding.level is not Level.NOTE:
            yield f"{_MARKS[finding.level]} {finding_words(finding, lang)}"
    if notes:
        yield from _notes(analysis, lang)
    mark = "✓" if analysis.proof is Proof.PROVED else "?"
    yield f"{mark} {_in(lang, _SURE[analysis.proof])}"
    for one in analysis.unanswered:
        yield f"? {_unanswered(one, lang)}"


def finding_words(finding: Finding, lang: Language) -> str:
    """Return one finding in words, with the resident who shows it."""
    first, *others = finding.triggers
    text = _in(lang, _SAID[finding.kind]).format(a=first, b=", ".join(others), ages=_ages(finding, lang))
    if finding.shared:
        text += _in(lang, Words(zh="，且都会做：", en=", and both do: ")) + _listed(finding.shared, lang)
    if finding.witness is not None:
        text += _in(lang, Words(zh="。例如：", en=". For example: ")) + _resident(finding.witness, lang)
    if finding.proof is Proof.SAMPLED:
        text += _in(lang, Words(zh="（抽样，未证明）", en=" (sampled, not proved)"))
    return text


def plain(analysis: Analysis) -> dict[str, Any]:
    """Return an analysis as values that JSON knows, dates aside."""
    return {
        "proof": analysis.proof.value,
        "days": list(analysis.days),
        "findings": [_plain(one) for one in analysis.findings],
        "not_checked": [{"kind": one.kind.value, "triggers": list(one.triggers)} for one in analysis.unanswered],
    }


def _plain(finding: Finding) -> dict[str, Any]:
    witness = finding.witness
    return {
        "kind": finding.kind.value,
        "level": finding.level.value,
        "triggers": list(finding.triggers),
        "proof": finding.proof.value,
        "witness": None if witness is None else {"facts": dict(witness.facts), "day": witness.day},
        "shared": list(finding.shared),
        "ages": None if finding.ages is None else list(finding.ages),
        "words": {lang.value: finding_words(finding, lang) for lang in Language},
    }


def _notes(analysis: Analysis, lang: Language) -> Iterator[str]:
    """Yield what is only worth knowing: of each trigger those that it meets, and whom it is a part of."""
    met: dict[str, list[str]] = defaultdict(list)
    for finding in analysis.findings:
        if finding.level is Level.NOTE and finding.kind is Kind.OVERLAP:
            met[finding.triggers[0]].append(finding.triggers[1])
        elif finding.level is Level.NOTE:
            yield f"{_MARKS[Level.NOTE]} {finding_words(finding, lang)}"
    for name, others in met.items():
        said = _in(lang, Words(zh=f"{name} 与这些触发器有共同的对象：", en=f"{name} has residents in common with "))
        yield f"{_MARKS[Level.NOTE]} {said}{_listed(others, lang)}"


def _ages(finding: Finding, lang: Language) -> str:
    if finding.ages is None:
        return ""
    least, below = finding.ages
    if least >= below:
        words = Words(
            zh=f"2 月 29 日出生的人满 {below} 周岁前后",
            en=f"at {below}, somebody born on 29 February is for a day in none of them",
        )
    elif below == least + 1:
        words = Words(zh=f"{least} 周岁的人", en=f"nobody aged {least} is in any of them")
    else:
        words = Words(zh=f"{least} 至 {below - 1} 周岁的人", en=f"nobody aged {least} to {below - 1} is in any of them")
    return _in(lang, words)


def _resident(resident: Resident, lang: Language) -> str:
    """Return the facts of a resident and the business date."""
    shown = [field for name, field in FIELDS.items() if name in resident.facts]
    facts = [
        _in(lang, Words(zh=f"{field.zh} {value}", en=f"{field.en} {value}"))
        for field in shown
        for value in [_fact(field, resident.facts[field.name], lang)]
    ]
    nobody = Words(zh="没有任何登记资料的人", en="somebody of whom nothing is on record")
    told = _in(lang, Words(zh="，", en=", ")).join(facts) or _in(lang, nobody)
    return told + _in(lang, Words(zh=f"（{resident.day} 时）", en=f" (on {resident.day})"))


def _fact(field: Field, value: object, lang: Language) -> str:
    return str(value) if field.is_date else value_words(field, value, lang)


def _unanswered(one: Unanswered, lang: Language) -> str:
    return _in(lang, Words(zh="：", en=": ")).join((_listed(one.triggers, lang), _in(lang, _ASKED[one.kind])))


def _listed(names: Iterable[str], lang: Language) -> str:
    return _in(lang, Words(zh="、", en=", ")).join(names)


def _in(lang: Language, words: Words) -> str:
    return words.zh if lang is Language.ZH else words.en
