from datetime import date
from hashlib import sha256

import pytest

from rules.anchor import Anchor
from rules.calendar import LeapDay, Offset
from rules.document import load
from rules.errors import TriggerError, Words
from rules.parse import parse
from rules.trigger import (
    Backlog,
    Channel,
    Count,
    Expected,
    Gate,
    IssueAction,
    Late,
    NotifyAction,
    Once,
    PublishAction,
    Recipient,
    ServiceField,
    TaskAction,
    Unknown,
)

FULL = """\
schema: unasked/trigger@1
id: senior-card
title: {zh: 老年优待证免申即办, en: "Senior card, unasked"}
field: social-services        # one of the nine
owner: civil-affairs
legal_basis: "not yet known"
leap_day: mar1
when: >-
  age(birth_date) >= 65 && status == "resident"
  && !has(senior_card_on)
anchor: birthday(birth_date, 65)
once: year
backlog: all
late: run
unknown: data-task
gate: survivors
plan:
  - {step: prepare, at: -90d, task: {department: civil-affairs, kind: verify, due: 60d}}
  - {step: contact, at: -5wd, notify: {to: guardian, template: notice, channels: [sms, letter]}, needs: [prepare]}
  - {step: card, at: 0d, issue: {licence: senior-card}, publish: {topic: cards.issued}}
count: {into: primary-school, entry: 'school_entry(birth_date, 6, "08-31")', zone: school_zone}
examples:
  - {name: on the day, given: {birth_date: 1961-03-01, protected: true}, expect: {moment: 2026-03-01}}
  - {name: not for some, given: {birth_date: }, date: 2026-03-01, expect: none}
  - {name: who knows, given: {}, expect: unknown}
"""
SHORT = """\
schema: unasked/trigger@1
id: x
title: {zh: 甲, en: A}
field: health
owner: health
legal_basis: unknown
when: protected
plan:
  - {step: a, at: 0d, publish: {topic: t}}
"""


def test_a_full_document_is_read_to_the_last_key():
    trigger = load(FULL, name="senior-card.yaml")
    assert (trigger.id, trigger.owner, trigger.legal_basis) == ("senior-card", "civil-affairs", "not yet known")
    assert trigger.title == Words(zh="老年优待证免申即办", en="Senior card, unasked")
    assert trigger.field is ServiceField.SOCIAL_SERVICES
    assert trigger.when_text == 'age(birth_date) >= 65 && status == "resident" && !has(senior_card_on)'
    assert trigger.condition.node == parse(trigger.when_text)
    assert (trigger.condition.leap_day, trigger.condition.survivors) == (LeapDay.MAR1, True)
    assert trigger.anchor == Anchor.parse("birthday(birth_date, 65)")
    assert (trigger.once, trigger.backlog, trigger.late) == (Once.YEAR, Backlog.ALL, Late.RUN)
    assert (trigger.unknown, trigger.gate) == (Unknown.DATA_TASK, Gate.SURVIVORS)
    entry = Anchor.parse('school_entry(birth_date, 6, "08-31")')
    assert trigger.count == Count(into="primary-school", entry=entry, zone="school_zone")
    assert (trigger.text, trigger.digest) == (FULL, sha256(FULL.encode()).hexdigest())


def test_the_steps_of_a_plan_keep_their_order_and_actions():
    prepare, contact, card = load(FULL, name="senior-card.yaml").plan
    assert (prepare.step, str(prepare.at)) == ("prepare", "-90d")
    assert prepare.task == TaskAction(department="civil-affairs", kind="verify", due=Offset(amount=60, unit="d"))
    channels = (Channel.SMS, Channel.LETTER)
    assert contact.notify == NotifyAction(to=Recipient.GUARDIAN, template="notice", channels=channels)
    assert (contact.at, contact.needs) == (Offset(amount=-5, unit="wd"), ("prepare",))
    assert (card.issue, card.publish) == (IssueAction(licence="senior-card"), PublishAction(topic="cards.issued"))
    assert (card.task, card.notify, card.needs) == (None, None, ())


def test_examples_keep_what_was_given_as_text():
    on_the_day, not_for_some, who_knows = load(FULL, name="senior-card.yaml").examples
    assert on_the_day.given == {"birth_date": "1961-03-01", "protected": "true"}
    assert (on_the_day.expected, on_the_day.moment, on_the_day.date) == (Expected.MOMENT, date(2026, 3, 1), None)
    assert not_for_some.given == {"birth_date": ""}
    assert (not_for_some.expected, not_for_some.date) == (Expected.NONE, date(2026, 3, 1))
    assert (who_knows.given, who_knows.expected) == ({}, Expected.UNKNOWN)


def test_what_is_left_out_takes_its_default():
    trigger = load(SHORT, name="x.yaml")
    assert trigger.condition.leap_day is LeapDay.FEB28
    assert not trigger.condition.survivors
    assert (trigger.once, trigger.backlog, trigger.late) == (Once.LIFE, Backlog.NONE, Late.LATEST)
    assert (trigger.unknown, trigger.gate, trigger.anchor) == (Unknown.IGNORE, None, None)
    assert (trigger.count, trigger.examples) == (None, ())


def test_a_level_effect_needs_no_plan():
    text = SHORT[: SHORT.index("plan:")] + "count: {into: a, entry: hukou_on, zone: district}\n"
    assert load(text, name="x.yaml").plan == ()


A_STEP = "- {step: a, at: 0d, publish: {topic: t}}"


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "en", "zh"),
    [
        # the document as a whole
        ("schema: unasked/trigger@1", "a", 2, "", "is no readable YAML", "不是可读的 YAML"),
        ("schema: unasked/trigger@1", "schema: unasked/trigger@2", 1, "schema", 'write "unasked/trigger@1"', "请写"),
        ("owner: health\n", "", 1, "owner", '"owner" is missing; add it', '缺少 "owner"；请补上'),
        ("when: protected\n", "", 1, "when", '"when" is missing', '缺少 "when"'),
        ("owner:", "onwer:", 5, "onwer", '"onwer" is no key that is known here; did you mean "owner"?', "是否应为"),
        ("owner: health", "owner: health\nzzz: 1", 6, "zzz", "write one of: schema, id, title", "不是可用的键"),
        (f"plan:\n  {A_STEP}\n", "", 1, "plan", "the trigger has no effect; write a plan or a count", "没有任何作用"),
        # texts and names
        ("id: x", "id: Senior Card", 2, "id", '"Senior Card" is no usable name; write lower-case', "不是可用的名称"),
        ("id: x", "id: " + "x" * 65, 2, "id", "is no usable name", "不是可用的名称"),
        ("id: x", "id: [x]", 2, "id", "must be a text", "应为文本"),
        ("id: x", "id:", 2, "id", "must be a text", "应为文本"),
        ("title: {zh: 甲, en: A}", "title: A", 3, "title", "must be a mapping of keys to values", "应为若干“键: 值”"),
        ("zh: 甲, ", "", 3, "title.zh", '"zh" is missing', '缺少 "zh"'),
        ("en: A", "en: A, fr: B", 3, "title.fr", '"fr" is no key that is known here', "不是可用的键"),
        ("legal_basis: unknown", "legal_basis: ''", 6, "legal_basis", "must be a text", "应为文本"),
        ("legal_basis: unknown", "legal_basis: " + "x" * 2001, 6, "legal_basis", "is longer than 2000", "超过 2000"),
        # choices
        ("field: health", "field: helth", 4, "field", 'did you mean "health"?', "是否应为"),
        ("when:", "once: always\nwhen:", 7, "once", '"always" is none of life, each, year', "不是可用的值"),
        ("when:", "leap_day: feb29\nwhen:", 7, "leap_day", 'did you mean "feb28"?', "是否应为"),
        ("when:", "gate: none\nwhen:", 7, "gate", '"none" is none of survivors', "不是可用的值"),
        ("when:", "unknown: fire\nwhen:", 7, "unknown", '"fire" is none of ignore, data-task', "不是可用的值"),
        # conditions and anchors
        ("protected", "protectd", 7, "when", 'column 1: there is no field "protectd"; did you mean', "第 1 列"),
        ("protected", "!protected", 7, "", "reads as a YAML tag", "标签"),
        ("protected", "protected # always", 7, "when", "followed by '# always', which YAML drops", "注释丢弃"),
        ("protected", ">-\n  protected # x", 7, "when", "column 11: '#' cannot stand in a condition", "第 11 列"),
        ("when:", "anchor: birthday(x, 1)\nwhen:", 7, "anchor", 'there is no date field "x"', "没有日期字段"),
        # plans
        ("at: 0d", 'at: "-3 mo"', 9, "plan[0].at", '"-3 mo" is not an offset; write "-90d"', "不是时间偏移"),
        ("step: a, ", "", 9, "plan[0].step", '"step" is missing', '缺少 "step"'),
        (", publish: {topic: t}", "", 9, "plan[0].step", '"a" does nothing; add task, notify, issue', "没有任何动作"),
        (A_STEP, f"{A_STEP}\n  {A_STEP}", 10, "plan[1].step", "names a step that stands above already", "步骤重名"),
        ("topic: t", "topic: a b", 9, "plan[0].publish.topic", '"a b" is no usable topic name', "不是可用的主题名"),
        ("publish: {topic: t}", "publish: t", 9, "plan[0].publish", "must be a mapping", "应为若干"),
        ("publish: {topic: t}", "send: {}", 9, "plan[0].send", '"send" is no key', "不是可用的键"),
        (f"plan:\n  {A_STEP}", "plan: []", 8, "plan", "must be a list that is not empty", "应为非空列表"),
        (f"plan:\n  {A_STEP}", "plan: a", 8, "plan", "must be a list that is not empty", "应为非空列表"),
        (A_STEP, "- a", 9, "plan[0]", '"a" must be a mapping', "应为若干"),
        ("publish: {topic: t}", "task: {department: a, kind: b, due: -1d}", 9, "plan[0].task.due",
         '"-1d" lies before the step itself; write "0d" or later', "早于步骤本身"),
        ("publish: {topic: t}", "task: {department: a, kind: b}", 9, "plan[0].task.due", '"due" is missing', "缺少"),
        ("publish: {topic: t}", "notify: {to: me, template: a, channels: [sms]}", 9, "plan[0].notify.to",
         '"me" is none of resident, guardian, household', "不是可用的值"),
        ("publish: {topic: t}", "notify: {to: resident, template: a, channels: [fax]}", 9, "plan[0].notify.channels",
         '"fax" is no known channel, or stands twice; write one of: sms, wechat', "不是可用的渠道"),
        ("publish: {topic: t}", "notify: {to: resident, template: a, channels: [sms, sms]}", 9,
         "plan[0].notify.channels", '"sms" is no known channel, or stands twice', "重复"),
        ("publish: {topic: t}", "notify: {to: resident, template: a, channels: []}", 9, "plan[0].notify.channels",
         "must be a list that is not empty", "应为非空列表"),
        ("publish: {topic: t}", "notify: {to: resident, template: a, channels: [[a]]}", 9, "plan[0].notify.channels",
         "must be a list of texts", "应为文本列表"),
        ("publish: {topic: t}", "issue: {licence: Ü}", 9, "plan[0].issue.licence", "is no usable name", "不是可用的"),
        (A_STEP, f"{A_STEP}\n  - {{step: b, at: 0d, issue: {{licence: c}}, needs: [zz]}}", 10, "plan[1].needs",
         '"zz" is no earlier step that has a task; remove needs', "不是之前带任务的步骤"),
        (A_STEP, f"{A_STEP}\n  - {{step: b, at: 0d, issue: {{licence: c}}, needs: [a]}}", 10, "plan[1].needs",
         '"a" is no earlier step that has a task', "不是之前带任务的步骤"),
        # level effects
        ("plan:", "count: {into: a, entry: sex, zone: district}\nplan:", 8, "count.entry", "no date field", "日期字段"),
        ("plan:", "count: {into: a, entry: hukou_on, zone: protected}\nplan:", 8, "count.zone",
         '"protected" is no field that can be a zone', "不是可作区域的字段"),
        # examples
        ("plan:", "examples: [{name: a, given: {birth_date: 2019-02-30}, expect: none}]\nplan:", 8,
         "examples[0].given.birth_date", 'birth_date cannot be "2019-02-30"', "出生日期"),
        ("plan:", "examples: [{name: a, given: {bird: 1}, expect: none}]\nplan:", 8,
         "examples[0].given.bird", 'there is no field "bird" for conditions', "没有可用于条件的字段"),
        ("plan:", "examples: [{name: a, given: {sex: [1]}, expect: none}]\nplan:", 8,
         "examples[0].given.sex", "must be one value", "应为一个值"),
        ("plan:", "examples: [{name: a, given: {}, expect: maybe}]\nplan:", 8, "examples[0].expect",
         '"maybe" is no expectation; write none, unknown or {moment: 2026-03-01}', "不是可用的期望"),
        ("plan:", "examples: [{name: a, given: {}, expect: {moment: 2026-3-1}}]\nplan:", 8,
         "examples[0].expect.moment", '"2026-3-1" is no day of the calendar', "不是历法中的一天"),
        ("plan:", "examples: [{name: a, given: {}, expect: none, date: soon}]\nplan:", 8, "examples[0].date",
         '"soon" is no day of the calendar', "不是历法中的一天"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_place_the_value_what_was_expected_and_how_to_mend_it(old, new, line, path, en, zh):
    assert old in SHORT
    with pytest.raises(TriggerError) as raised:
        load(SHORT.replace(old, new, 1), name="x.yaml")
    error = raised.value
    assert en in error.en
    assert zh in error.zh
    assert (error.line, error.path) == (line, path)
    assert error.en.startswith(f"x.yaml:{line}: {path}")


def test_an_error_carries_its_parts():
    with pytest.raises(TriggerError) as raised:
        load(SHORT.replace("at: 0d", 'at: "-3 mo"'), name="x.yaml")
    error = raised.value
    assert (error.place.source, error.value) == ("x.yaml", "-3 mo")
    assert error.expected.en == '"-3 mo" is not an offset'
    assert error.fix.en == 'write "-90d", "-5wd" (working days), "-2w" or "-3m"'
    assert error.fix.zh.startswith("请写成")
    assert str(error) == error.en
