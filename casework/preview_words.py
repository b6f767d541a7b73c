"""A preview as lines for people, in Chinese or in English. Pure; it names no resident."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from casework.preview import Preview
from casework.tallies import Undecided
from models.fields import FIELDS
from rules.errors import Words
from rules.sentence import Language, sentence
from rules.trigger import Backlog
from rules.undecided import Doubt

_DOUBTS = {
    Doubt.ABSENT: Words(zh="缺失", en="absent"),
    Doubt.UNCERTAIN: Words(zh="不确定", en="uncertain"),
}


def lines(preview: Preview, prices: Mapping[str, int], lang: Language) -> Iterator[str]:
    """Yield the preview line by line; prices are fen for one message by channel."""
    yield from _head(preview, lang)
    yield from _verdicts(preview, lang)
    yield from _difference(preview, lang)
    yield from _year(preview, lang)
    yield from _calendar(preview, lang)
    yield from _cost(preview, prices, lang)


def _say(lang: Language, zh: str, en: str) -> str:
    return zh if lang is Language.ZH else en


def _head(preview: Preview, lang: Language) -> Iterator[str]:
    trigger, first = preview.trigger, preview.window.first
    title = _say(lang, trigger.title.zh, trigger.title.en)
    yield _say(
        lang,
        f"{trigger.id} {title}：若于 {first} 发布，将为第 {preview.version} 版",
        f"{trigger.id} {title}: published on {first} it would be version {preview.version}",
    )
    if preview.unchanged:
        yield _say(lang, "内容与已发布的版本相同", "this text is the published version already")
    yield _say(lang, "条件：", "condition: ") + sentence(trigger.condition.node, lang)


def _verdicts(preview: Preview, lang: Language) -> Iterator[str]:
    tally = preview.tally
    yield _say(
        lang,
        f"当日：成立 {tally.true:,}，不成立 {tally.false:,}，无法判断 {tally.unknown:,}",
        f"on that day: TRUE {tally.true:,}, FALSE {tally.false:,}, UNKNOWN {tally.unknown:,}",
    )
    for one in preview.undecided:
        yield f"  {_facts(one, lang)}{_say(lang, '：', ': ')}{one.number:,}"


def _facts(one: Undecided, lang: Language) -> str:
    named = ((FIELDS[name], _DOUBTS[doubt]) for name, doubt in one.facts)
    words = (_say(lang, f"{field.zh}{doubt.zh}", f"{field.en} {doubt.en}") for field, doubt in named)
    return _say(lang, "、", ", ").join(words)


def _difference(preview: Preview, lang: Language) -> Iterator[str]:
    found = preview.difference
    if found is None:
        yield _say(lang, "尚无已发布的版本可比较", "no version is published yet, so there is nothing to compare with")
        return
    change = f"{found.tally.true:,} → {preview.tally.true:,}"
    yield _say(
        lang,
        f"与第 {found.version} 版相比：成立 {change}（新增 {found.gained:,}，减少 {found.lost:,}）",
        f"beside version {found.version}: TRUE {change} (gained {found.gained:,}, lost {found.lost:,})",
    )
    yield _say(
        lang,
        f"  一年内：新开始 {found.begin_gained:,}，不再开始 {found.begin_lost:,}，改期 {found.begin_moved:,}",
        f"  within the year: begins anew for {found.begin_gained:,}, no longer for {found.begin_lost:,}, "
        f"on other days for {found.begin_moved:,}",
    )


def _year(preview: Preview, lang: Language) -> Iterator[str]:
    everybody = preview.trigger.backlog is Backlog.ALL
    fate = _say(lang, "发布当日全部办理", "all begin on the day") if everybody else _say(lang, "不办理", "get nothing")
    yield _say(
        lang,
        f"存量：此前已成立而未开始 {preview.backlog:,}（{fate}），已开始 {preview.served:,}",
        f"backlog: TRUE before and nothing begun {preview.backlog:,} ({fate}), begun already {preview.served:,}",
    )
    begins = sum(preview.coming.moments.values())
    yield _say(
        lang,
        f"增量：至 {preview.window.last} 将开始 {begins:,} 件；已开始的尚有 {preview.begun.total():,} 个待办步骤",
        f"flow: {begins:,} begin by {preview.window.last}; {preview.begun.total():,} steps of begun ones are planned",
    )


def _calendar(preview: Preview, lang: Language) -> Iterator[str]:
    tasks, messages = preview.tasks_by_week(), preview.messages_by_week()
    weeks = sorted({week for week, _ in (*tasks, *messages)})
    if weeks:
        yield _say(lang, "每周（周一起）：任务｜消息", "by week (from Monday): tasks | messages")
    for week in weeks:
        work = (
            ", ".join(f"{name} {n:,}" for (at, name), n in found.items() if at == week) for found in (tasks, messages)
        )
        yield f"  {week}  " + " | ".join(part or "-" for part in work)


def _cost(preview: Preview, prices: Mapping[str, int], lang: Language) -> Iterator[str]:
    numbers: Counter[str] = Counter()
    for (_, channel, _), number in preview.coming.messages.items():
        numbers[channel] += number
    for channel, fen in preview.cost(prices).items():
        price = (
            _say(lang, "未设价格", "no price is set") if fen is None else f"{fen / 100:,.2f} {_say(lang, '元', 'yuan')}"
        )
        yield _say(
            lang,
            f"消息费用 {channel}：{numbers[channel]:,} 条，{price}",
            f"cost of {channel}: {numbers[channel]:,}, {price}",
        )
