import pytest

from rules.document import load
from rules.plan_sentence import plan_sentences
from rules.sentence import Language
from rules.shipped import shipped
from tests.unit.rules.test_document import SHORT

TASK = "task: {department: civil-affairs, kind: verify, due: 60d}"


def _said(*steps: str, more: str = "") -> tuple[list[str], list[str]]:
    text = SHORT.split("plan:")[0] + "plan:\n" + "".join(f"  - {{{step}}}\n" for step in steps) + more
    trigger = load(text, name="x.yaml")
    return plan_sentences(trigger, Language.ZH), plan_sentences(trigger, Language.EN)


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        ("0d", "当日", "on the day"),
        ("-90d", "提前 90 天", "90 days before"),
        ("-1d", "提前 1 天", "1 day before"),
        ("-5wd", "提前 5 个工作日", "5 working days before"),
        ("2w", "2 周后", "2 weeks after"),
        ("1m", "1 个月后", "1 month after"),
    ],
)
def test_the_day_of_a_step_is_told_from_the_moment(at, zh, en):
    assert _said(f"step: a, at: {at}, {TASK}") == (
        [f"a：{zh}，civil-affairs 收到任务 verify，60 天内办结"],
        [f"a: {en}, civil-affairs gets verify, to be done within 60 days"],
    )


def test_each_action_is_told_and_what_it_waits_for():
    zh, en = _said(
        f"step: a, at: 0d, {TASK}",
        "step: b, at: 0d, needs: [a], issue: {licence: card}, "
        "notify: {to: guardian, template: note, channels: [sms, letter]}, "
        "publish: {topic: cards}, task: {department: post, kind: mail, due: 0d}",
    )
    assert zh[1] == (
        "b：当日且 a 办理通过后，发放 card；post 收到任务 mail，当日办结；"
        "通知监护人（note），方式：短信，否则信函；向主题 cards 发布"
    )
    assert en[1] == (
        "b: on the day and once a came out favourably, card is issued; post gets mail, to be done on that day; "
        "the guardian is told note by text message, else letter; it is published to cards"
    )


def test_a_level_effect_is_told_too():
    zh, en = _said(f"step: a, at: 0d, {TASK}", more="count: {into: school, entry: hukou_on, zone: district}\n")
    assert zh[1] == "条件成立期间计入 school（入列日 hukou_on，按 district 分区）"
    assert en[1] == "counted in school while it is true (entry hukou_on, by district)"


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_plan_of_the_catalogue_is_told_step_by_step(name):
    trigger = load(shipped()[name], name=name)
    for language in Language:
        assert len(plan_sentences(trigger, language)) == len(trigger.plan) + (trigger.count is not None)
