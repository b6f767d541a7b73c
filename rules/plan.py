"""The plan and the level effect of a trigger document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from models.fields import FIELDS, Kind
from rules.anchor import Anchor
from rules.calendar import Offset
from rules.errors import Words, suggestion
from rules.trigger import (
    Channel,
    Count,
    IssueAction,
    NotifyAction,
    PlanStep,
    PublishAction,
    Recipient,
    TaskAction,
)

if TYPE_CHECKING:
    from rules.section import Section

_ACTIONS = ("task", "notify", "issue", "publish")
#: Most steps of a plan: every occurrence carries all of them.
MAX_STEPS = 50
_TOPIC = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,248}", re.ASCII)


def read_plan(document: Section) -> tuple[PlanStep, ...]:
    """Return the steps in the order of the document; raises TriggerError."""
    if not document.has("plan"):
        return ()
    document.at_most("plan", MAX_STEPS)
    steps: dict[str, PlanStep] = {}
    for section in document.sections("plan"):
        step = _step(section, steps)
        steps[step.step] = step
    return tuple(steps.values())


def read_count(document: Section) -> Count | None:
    """Return the level effect, if the document has one; raises TriggerError."""
    if not document.has("count"):
        return None
    section = document.section("count")
    section.only("into", "entry", "zone")
    zone = section.text("zone")
    accepted = [field.name for field in FIELDS.values() if field.in_rules and field.kind in (Kind.TEXT, Kind.CODE)]
    if zone not in accepted:
        expected = Words(zh="不是可作区域的字段", en="is no field that can be a zone")
        raise section.error("zone", expected=expected, fix=suggestion(zone, accepted))
    return Count(into=section.code("into"), entry=section.parsed("entry", Anchor.parse), zone=zone)


def _step(section: Section, earlier: dict[str, PlanStep]) -> PlanStep:
    section.only("step", "at", *_ACTIONS, "needs")
    name = section.code("step")
    if name in earlier:
        raise section.error(
            "step",
            expected=Words(zh="步骤重名", en="names a step that stands above already"),
            fix=Words(zh="每个步骤取不同的名称", en="give every step a name of its own"),
        )
    if not any(section.has(action) for action in _ACTIONS):
        raise section.error(
            "step",
            expected=Words(zh="没有任何动作", en="does nothing"),
            fix=Words(zh="请加上 task、notify、issue 或 publish", en="add task, notify, issue or publish"),
        )
    return PlanStep(
        step=name,
        at=section.parsed("at", Offset.parse),
        task=_task(section) if section.has("task") else None,
        notify=_notify(section) if section.has("notify") else None,
        issue=_issue(section) if section.has("issue") else None,
        publish=_publish(section) if section.has("publish") else None,
        needs=_needs(section, earlier),
    )


def _task(step: Section) -> TaskAction:
    section = step.section("task")
    section.only("department", "kind", "due")
    due = section.parsed("due", Offset.parse)
    if due.amount < 0:
        raise section.error(
            "due",
            expected=Words(zh="早于步骤本身", en="lies before the step itself"),
            fix=Words(zh='请写成 "0d" 或之后，例如 "60d"', en='write "0d" or later, such as "60d"'),
        )
    return TaskAction(department=section.code("department"), kind=section.code("kind"), due=due)


def _notify(step: Section) -> NotifyAction:
    section = step.section("notify")
    section.only("to", "template", "channels")
    return NotifyAction(
        to=section.choice("to", Recipient),
        template=section.code("template"),
        channels=_channels(section),
    )


def _channels(section: Section) -> tuple[Channel, ...]:
    accepted = [channel.value for channel in Channel]
    names = section.texts("channels")
    for number, name in enumerate(names):
        if name in accepted and name not in names[:number]:
            continue
        expected = Words(zh=f'"{name}" 不是可用的渠道或重复', en=f'"{name}" is no known channel, or stands twice')
        raise section.error("channels", expected=expected, fix=suggestion(name, accepted))
    return tuple(Channel(name) for name in names)


def _issue(step: Section) -> IssueAction:
    section = step.section("issue")
    section.only("licence")
    return IssueAction(licence=section.code("licence"))


def _publish(step: Section) -> PublishAction:
    section = step.section("publish")
    section.only("topic")
    topic = section.text("topic")
    if not _TOPIC.fullmatch(topic):
        raise section.error(
            "topic",
            expected=Words(zh="不是可用的主题名", en="is no usable topic name"),
            fix=Words(
                zh="请用字母、数字、点、下划线和连字符", en="write letters, digits, dots, underscores and hyphens"
            ),
        )
    return PublishAction(topic=topic)


def _needs(section: Section, earlier: dict[str, PlanStep]) -> tuple[str, ...]:
    if not section.has("needs"):
        return ()
    names = section.texts("needs")
    for name in names:
        if name not in earlier or earlier[name].task is None:
            with_task = [step.step for step in earlier.values() if step.task is not None]
            raise section.error(
                "needs",
                expected=Words(zh=f'"{name}" 不是之前带任务的步骤', en=f'"{name}" is no earlier step that has a task'),
                fix=suggestion(name, with_task) if with_task else Words(zh="请删除 needs", en="remove needs"),
            )
    return tuple(names)
