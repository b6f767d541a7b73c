"""Plans as sentences, in Chinese and in English: on which day who does what for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.errors import Words
from rules.sentence import Language
from rules.trigger import Channel, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.calendar import Offset
    from rules.trigger import Count, PlanStep, Trigger

_UNITS = {
    "d": Words(zh="天", en="day"),
    "wd": Words(zh="个工作日", en="working day"),
    "w": Words(zh="周", en="week"),
    "m": Words(zh="个月", en="month"),
}
_CHANNELS = {
    Channel.SMS: Words(zh="短信", en="text message"),
    Channel.WECHAT: Words(zh="微信", en="WeChat"),
    Channel.EMAIL: Words(zh="电子邮件", en="e-mail"),
    Channel.LETTER: Words(zh="信函", en="letter"),
    Channel.FILE: Words(zh="文件", en="file"),
}
_RECIPIENTS = {
    Recipient.RESIDENT: Words(zh="本人", en="the resident"),
    Recipient.GUARDIAN: Words(zh="监护人", en="the guardian"),
    Recipient.HOUSEHOLD: Words(zh="同户家属", en="somebody of the household"),
}


def plan_sentences(trigger: Trigger, lang: Language) -> list[str]:
    """Return a sentence for each step of a plan and for the level effect, in their order, without full stops."""
    found = [step_words(step) for step in trigger.plan]
    if trigger.count is not None:
        found.append(_counted(trigger.count))
    return [_in(lang, words) for words in found]


def step_words(step: PlanStep) -> Words:
    """Return what a step does and when, in both languages."""
    when = _when(step.at)
    parts = list(_actions(step))
    zh, en = "；".join(part.zh for part in parts), "; ".join(part.en for part in parts)
    needs = _needs(step)
    return Words(zh=f"{step.step}：{when.zh}{needs.zh}，{zh}", en=f"{step.step}: {when.en}{needs.en}, {en}")


def _when(at: Offset) -> Words:
    if not at.amount:
        return Words(zh="当日", en="on the day")
    span = _span(at)
    if at.amount < 0:
        return Words(zh=f"提前 {span.zh}", en=f"{span.en} before")
    return Words(zh=f"{span.zh}后", en=f"{span.en} after")


def _span(offset: Offset) -> Words:
    amount, unit = abs(offset.amount), _UNITS[offset.unit]
    plural = "" if amount == 1 else "s"
    return Words(zh=f"{amount} {unit.zh}", en=f"{amount} {unit.en}{plural}")


def _needs(step: PlanStep) -> Words:
    if not step.needs:
        return Words(zh="", en="")
    zh, en = "、".join(step.needs), " and ".join(step.needs)
    return Words(zh=f"且 {zh} 办理通过后", en=f" and once {en} came out favourably")


def _actions(step: PlanStep) -> Iterator[Words]:
    if step.issue is not None:
        yield Words(zh=f"发放 {step.issue.licence}", en=f"{step.issue.licence} is issued")
    if step.task is not None:
        task, due = step.task, _due(step.task.due)
        yield Words(
            zh=f"{task.department} 收到任务 {task.kind}，{due.zh}", en=f"{task.department} gets {task.kind}, {due.en}"
        )
    if step.notify is not None:
        to, ways = _RECIPIENTS[step.notify.to], [_CHANNELS[channel] for channel in step.notify.channels]
        zh, en = "，否则".join(way.zh for way in ways), ", else ".join(way.en for way in ways)
        yield Words(
            zh=f"通知{to.zh}（{step.notify.template}），方式：{zh}",
            en=f"{to.en} is told {step.notify.template} by {en}",
        )
    if step.publish is not None:
        yield Words(zh=f"向主题 {step.publish.topic} 发布", en=f"it is published to {step.publish.topic}")


def _due(due: Offset) -> Words:
    if not due.amount:
        return Words(zh="当日办结", en="to be done on that day")
    span = _span(due)
    return Words(zh=f"{span.zh}内办结", en=f"to be done within {span.en}")


def _counted(count: Count) -> Words:
    return Words(
        zh=f"条件成立期间计入 {count.into}（入列日 {count.entry}，按 {count.zone} 分区）",
        en=f"counted in {count.into} while it is true (entry {count.entry}, by {count.zone})",
    )


def _in(lang: Language, words: Words) -> str:
    return words.zh if lang is Language.ZH else words.en
