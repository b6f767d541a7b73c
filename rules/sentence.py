"""Conditions as sentences, in Chinese and in English."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from models.fields import Kind
from rules.ast import Age, And, Atom, Compare, DaysTo, Has, Node, Not, OneOf, Op, Or, Present
from rules.errors import Words

if TYPE_CHECKING:
    from models.fields import Field


class Language(StrEnum):
    """The languages of the sentences."""

    ZH = "zh"
    EN = "en"


_ORDER = {
    Op.LE: Words(zh="不晚于", en="is not after"),
    Op.LT: Words(zh="早于", en="is before"),
    Op.GE: Words(zh="不早于", en="is not before"),
    Op.GT: Words(zh="晚于", en="is after"),
    Op.EQ: Words(zh="是", en="is"),
    Op.NE: Words(zh="不是", en="is not"),
}
_SIZE = {
    Op.LE: Words(zh="不超过", en="is at most"),
    Op.LT: Words(zh="小于", en="is less than"),
    Op.GE: Words(zh="不小于", en="is at least"),
    Op.GT: Words(zh="大于", en="is more than"),
    Op.EQ: Words(zh="为", en="is"),
    Op.NE: Words(zh="不为", en="is not"),
}
_AGED = {
    Op.LE: Words(zh="年龄不超过 {n} 周岁", en="aged {n} or younger"),
    Op.LT: Words(zh="未满 {n} 周岁", en="under {n} years old"),
    Op.GE: Words(zh="年满 {n} 周岁", en="aged {n} or over"),
    Op.GT: Words(zh="年龄超过 {n} 周岁", en="older than {n}"),
    Op.EQ: Words(zh="年龄为 {n} 周岁", en="aged {n}"),
    Op.NE: Words(zh="年龄不是 {n} 周岁", en="not aged {n}"),
}
_SINCE = {
    Op.LE: Words(zh="距{f}不超过 {n} 整年", en="at most {n} full years since: {f}"),
    Op.LT: Words(zh="距{f}不满 {n} 年", en="less than {n} years since: {f}"),
    Op.GE: Words(zh="距{f}已满 {n} 年", en="{n} years or more since: {f}"),
    Op.GT: Words(zh="距{f}超过 {n} 整年", en="more than {n} full years since: {f}"),
    Op.EQ: Words(zh="距{f}为 {n} 整年", en="{n} full years since: {f}"),
    Op.NE: Words(zh="距{f}不是 {n} 整年", en="not {n} full years since: {f}"),
}
_PRESENT = {
    False: Words(zh="在本市人口库中且在世", en="is alive and lives here"),
    True: Words(zh="在本市人口库中", en="is in the population library"),
}
_AND, _OR = Words(zh="，且", en=" and "), Words(zh="，或", en=" or ")


def sentence(node: Node, lang: Language) -> str:
    """Return a condition as a sentence in Chinese or English, without a full stop."""
    match node:
        case And():
            return _joined(node.items, _AND, lang)
        case Or():
            return _joined(node.items, _OR, lang)
        case Not(item=Has() as has):
            return _has(has.field, lang, known=False)
        case Not():
            return _in(lang, Words(zh=f"并非（{sentence(node.item, lang)}）", en=f"not ({sentence(node.item, lang)})"))
        case _:
            return _atom(node, lang)


def _joined(items: tuple[Node, ...], word: Words, lang: Language) -> str:
    texts = (sentence(item, lang) for item in items)
    grouped = (
        _in(lang, Words(zh=f"（{text}）", en=f"({text})")) if isinstance(item, (And, Or)) else text
        for item, text in zip(items, texts, strict=True)
    )
    return _in(lang, word).join(grouped)


def _atom(atom: Atom, lang: Language) -> str:
    match atom:
        case Has():
            return _has(atom.field, lang, known=True)
        case Age():
            return _age(atom, lang)
        case DaysTo():
            return _order(atom.field, atom.op, _day_away(atom.days, lang), lang)
        case OneOf():
            values = _in(lang, Words(zh="、", en=", ")).join(
                value_words(atom.field, value, lang) for value in atom.values
            )
            return _in(lang, Words(zh=f"{atom.field.zh}属于：{values}", en=f"{atom.field.en} is one of {values}"))
        case Compare():
            return _compare(atom, lang)
        case Present():
            return _in(lang, _PRESENT[atom.survivors])


def _has(field: Field, lang: Language, *, known: bool) -> str:
    yes = Words(zh=f"有{field.zh}", en=f'"{field.en}" is on record')
    no = Words(zh=f"没有{field.zh}", en=f'"{field.en}" is not on record')
    return _in(lang, yes if known else no)


def _age(atom: Age, lang: Language) -> str:
    phrases = _AGED if atom.field.name == "birth_date" else _SINCE
    text = _in(lang, phrases[atom.op]).format(n=atom.years, f=_in(lang, Words(zh=atom.field.zh, en=atom.field.en)))
    return f"{_day_away(atom.days, lang)}{_in(lang, Words(zh='', en=' '))}{text}" if atom.days else text


def _compare(atom: Compare, lang: Language) -> str:
    value = value_words(atom.field, atom.value, lang)
    if atom.field.is_date:
        return _order(atom.field, atom.op, value, lang)
    words = _SIZE[atom.op]
    return _in(lang, Words(zh=f"{atom.field.zh}{words.zh}{value}", en=f"{atom.field.en} {words.en} {value}"))


def _order(field: Field, op: Op, day: str, lang: Language) -> str:
    gap = " " if day[0].isdigit() else ""
    return _in(lang, Words(zh=f"{field.zh}{_ORDER[op].zh}{gap}{day}", en=f"{field.en} {_ORDER[op].en} {day}"))


def _day_away(days: int, lang: Language) -> str:
    if not days:
        return _in(lang, Words(zh="当日", en="today"))
    plural = "" if abs(days) == 1 else "s"
    if days < 0:
        return _in(lang, Words(zh=f"{-days} 天前", en=f"{-days} day{plural} ago"))
    return _in(lang, Words(zh=f"{days} 天后", en=f"{days} day{plural} from now"))


def value_words(field: Field, value: object, lang: Language) -> str:
    """Return a value of a field as people say it."""
    if isinstance(value, bool):
        return _in(lang, Words(zh="是" if value else "否", en="yes" if value else "no"))
    if isinstance(value, date):
        return value.isoformat()
    for code in field.codes:
        if code.value == value:
            return _in(lang, Words(zh=code.zh, en=f'"{code.en}"'))
    return _in(lang, Words(zh=f"“{value}”", en=f'"{value}"')) if field.kind is not Kind.INT else str(value)


def _in(lang: Language, words: Words) -> str:
    return words.zh if lang is Language.ZH else words.en
