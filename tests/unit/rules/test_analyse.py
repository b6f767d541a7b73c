"""What an analysis finds, each witness asked again, and the same with nothing but made-up residents."""

import random
from dataclasses import replace
from datetime import date

import pytest

from models.vocabulary.verdict import Verdict
from rules import inquiry, meetings, prover
from rules.analyse import analyse
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.document import load
from rules.findings import Analysis, Kind, Level, Proof
from rules.parse import parse
from rules.predicate import verdict
from rules.prover import Undecided, Workbench
from rules.shipped import shipped
from rules.trigger import Trigger
from tests.integration.documents import CARD
from tests.unit.rules import samples

TODAY = date(2026, 3, 1)
PATTERN = load(CARD, name="card")


def _trigger(name: str, when: str, *, leap_day: LeapDay = LeapDay.FEB28, plan: bool = False) -> Trigger:
    condition = Condition(node=parse(when), leap_day=leap_day)
    return replace(PATTERN, id=name, condition=condition, plan=PATTERN.plan if plan else ())


def _found(*triggers: Trigger) -> Analysis:
    """The analysis; whoever it names as a witness of an overlap is one."""
    found = analyse(triggers, today=TODAY)
    conditions = {trigger.id: trigger.condition for trigger in triggers}
    for one in found.findings:
        if one.witness is not None:
            expected = Verdict.FALSE if one.kind is Kind.GAP else Verdict.TRUE
            verdicts = {verdict(conditions[name], one.witness.facts, one.witness.day) for name in one.triggers}
            assert verdicts == {expected}
    return found


def _kinds(*triggers: Trigger) -> list[tuple[Kind, tuple[str, ...]]]:
    return [(one.kind, one.triggers) for one in _found(*triggers).findings]


@pytest.mark.parametrize(
    ("when", "kind"),
    [
        ("age(birth_date) >= 65 && age(birth_date) < 60", Kind.NEVER),
        ("!has(birth_date) && age(birth_date) >= 1", Kind.NEVER),
        ('status == "deceased"', Kind.NEVER),  # the dead do not count, whatever the condition says
        ('birth_status == "investigating" && age(birth_date) >= 60', Kind.NEVER),
        ('hukou_on < date("2020-01-01") && hukou_on > date("2021-01-01")', Kind.NEVER),
        ("has(sex) || !has(sex)", Kind.ALWAYS),
        ("!(protected && !protected) || !has(protected)", Kind.ALWAYS),
        ("age(birth_date) >= 60 || age(birth_date) < 65", Kind.NEVER_FALSE),
        ("protected || !protected", Kind.NEVER_FALSE),
        ('!(sex == "1" && sex == "2")', Kind.NEVER_FALSE),
    ],
)
def test_a_condition_that_cannot_be_meant_is_found_and_proved(when, kind):
    found = _found(_trigger("a", when))
    assert [(one.kind, one.proof, one.witness) for one in found.findings] == [(kind, Proof.PROVED, None)]
    assert found.worst is (Level.FAULT if kind is Kind.NEVER else Level.WARNING)


@pytest.mark.parametrize(
    "when",
    [
        "age(birth_date) >= 65",
        "!has(birth_date)",
        "age(birth_date) >= 65 && age(birth_date) < 66",
        'hukou_on >= date("2031-07-01") && days_to(hukou_on) <= 0',  # not yet, but from July 2031 on
        "age(birth_date) >= 65 && age(birth_date, -1) < 65",  # true on birthdays alone
    ],
)
def test_a_condition_that_can_be_meant_is_left_alone(when):
    found = _found(_trigger("a", when))
    assert (found.findings, found.unanswered, found.proof) == ((), (), Proof.PROVED)


def test_one_trigger_that_is_part_of_another_is_told_from_two_that_merely_meet():
    old, older = _trigger("old", "age(birth_date) >= 65"), _trigger("older", 'age(birth_date) >= 80 && sex == "2"')
    women = _trigger("women", 'sex == "2"')
    assert _kinds(old, older, women) == [
        (Kind.IMPLIED, ("older", "old")),
        (Kind.IMPLIED, ("older", "women")),
        (Kind.OVERLAP, ("old", "women")),
    ]


def test_two_ways_of_saying_the_same_are_equal():
    one, other = (
        _trigger("a", "age(birth_date) >= 65 && !protected"),
        _trigger("b", "!(protected || age(birth_date) < 65)"),
    )
    assert _kinds(one, other) == [(Kind.EQUAL, ("a", "b"))]


def test_to_be_for_the_same_people_is_a_warning_where_the_same_is_done_for_them():
    one, other = _trigger("a", "age(birth_date) >= 65", plan=True), _trigger("b", 'sex == "1"', plan=True)
    (found,) = _found(one, other).findings
    assert (found.kind, found.level) == (Kind.OVERLAP, Level.WARNING)
    assert found.shared == ("civil-affairs/mail-card", "civil-affairs/verify", "senior-card", "senior-card-notice")


HUKOU = ' && residence == "hukou"'


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        (("age(birth_date) >= 70 && age(birth_date) < 80", "age(birth_date) >= 80"), []),
        (("age(birth_date) >= 70 && age(birth_date) <= 79", "age(birth_date) > 79"), []),
        (
            ("age(birth_date) >= 70 && age(birth_date) < 80", "age(birth_date) >= 81"),
            [(Kind.GAP, ("band-0", "band-1"), (80, 81))],
        ),
        (
            ("age(birth_date) >= 70 && age(birth_date) < 79", "age(birth_date) > 80"),
            [(Kind.GAP, ("band-0", "band-1"), (79, 81))],
        ),
        (
            ("age(birth_date) >= 70 && age(birth_date) <= 80", "age(birth_date) >= 80"),
            [(Kind.BANDS_OVERLAP, ("band-0", "band-1"), None)],
        ),
        (
            ("age(birth_date) == 6", "age(birth_date) == 8", "age(birth_date) == 7"),
            [],
        ),
    ],
)
def test_bands_leave_out_no_age_and_share_none(bands, expected):
    found = _found(*(_trigger(f"band-{number}", text + HUKOU, plan=True) for number, text in enumerate(bands)))
    assert [(one.kind, one.triggers, one.ages) for one in found.findings] == expected


def test_bands_that_read_29_february_differently_have_a_gap_of_a_day():
    young = _trigger("young", "age(birth_date) < 65" + HUKOU, leap_day=LeapDay.FEB28, plan=True)
    old = _trigger("old", "age(birth_date) >= 65" + HUKOU, leap_day=LeapDay.MAR1, plan=True)
    (gap,) = _found(young, old).findings
    assert (gap.kind, gap.ages, gap.level) == (Kind.GAP, (65, 65), Level.WARNING)
    assert gap.witness is not None
    assert (gap.witness.facts["birth_date"], gap.witness.day) == ("1964-02-29", date(2029, 2, 28))


def test_triggers_that_differ_in_more_than_the_age_or_do_something_else_are_no_bands():
    young, old = "age(birth_date) < 10", "age(birth_date) >= 60"
    assert _kinds(_trigger("a", young, plan=True), _trigger("b", old + HUKOU, plan=True)) == []
    assert _kinds(_trigger("a", young, plan=True), _trigger("b", old)) == []


def test_a_trigger_for_a_part_of_another_ones_ages_is_no_band_beside_it():
    whole, part = (
        _trigger("whole", "age(birth_date) >= 65", plan=True),
        _trigger("part", "age(birth_date) >= 80", plan=True),
    )
    assert _kinds(whole, part) == [(Kind.IMPLIED, ("part", "whole"))]


def test_only_what_concerns_the_chosen_triggers_is_asked():
    one, other, third = (_trigger(name, "age(birth_date) >= 65") for name in "abc")
    found = analyse([one, other, third], today=TODAY, about={"c"})
    assert sorted(one.triggers for one in found.findings) == [("c", "a"), ("c", "b")]
    assert found.about("a").findings == (found.findings[0],)


def test_asking_again_after_an_edit_gives_the_same_as_asking_anew():
    rnd, bench = random.Random(47), Workbench()
    triggers = [replace(PATTERN, id=f"t{n}", condition=samples.condition(rnd, depth=1), plan=()) for n in range(8)]
    for _ in range(3):
        again, anew = (analyse(triggers, today=TODAY, bench=each) for each in (bench, Workbench()))
        assert [(one.kind, one.triggers) for one in again.findings] == [
            (one.kind, one.triggers) for one in anew.findings
        ]
        triggers[rnd.randrange(8)] = replace(PATTERN, id="edited", condition=samples.condition(rnd, depth=1), plan=())


def test_all_pairs_at_once_say_what_one_pair_at_a_time_says():
    rnd = random.Random(53)
    rows = [samples.row(rnd) for _ in range(400)]
    triggers = [replace(PATTERN, id=f"t{n:02}", condition=samples.condition(rnd, depth=1), plan=()) for n in range(14)]
    found = analyse(triggers, today=TODAY)
    related = {frozenset(one.triggers): one for one in found.findings if len(one.triggers) == 2}
    for one in triggers:
        for other in triggers:
            both = [verdict(each.condition, row, TODAY) is Verdict.TRUE for each in (one, other) for row in rows]
            first, second = both[: len(rows)], both[len(rows) :]
            finding = related.get(frozenset((one.id, other.id)))
            if one is other:
                continue
            if any(a and b for a, b in zip(first, second, strict=True)):
                assert finding is not None
            if finding is not None and finding.kind is Kind.IMPLIED and finding.triggers == (one.id, other.id):
                assert all(b for a, b in zip(first, second, strict=True) if a)


def test_what_was_not_answered_is_named_and_never_fine(monkeypatch):
    def never(*_: object) -> None:
        raise Undecided

    monkeypatch.setattr(prover.Prover, "_solve", never)
    ends = {"a": "age(birth_date) < 65", "b": "age(birth_date) >= 65"}
    bands = [_trigger(name, text + HUKOU, plan=True) for name, text in ends.items()]
    found = analyse([*bands, _trigger("c", "age(birth_date) < 1 && age(birth_date) > 1")], today=TODAY)
    assert found.proof is Proof.NOT_CHECKED
    asked = {(one.kind, one.triggers) for one in found.unanswered}
    assert {(Kind.NEVER, ("c",)), (Kind.GAP, ("a", "b")), (Kind.OVERLAP, ("a", "b"))} <= asked


def test_without_a_solver_residents_are_made_up_and_nothing_is_called_proved(monkeypatch):
    for module in (inquiry, meetings):
        monkeypatch.setattr(module, "can_prove", lambda: False)
    monkeypatch.setattr("rules.analyse.can_prove", lambda: False)
    old, older = _trigger("old", "age(birth_date) >= 65"), _trigger("older", 'age(birth_date) >= 80 && sex == "2"')
    never = _trigger("never", "age(birth_date) < 1 && age(birth_date) > 1")
    ends = {"a": "age(birth_date) < 10", "b": "age(birth_date) >= 11"}
    bands = [_trigger(name, text + HUKOU, plan=True) for name, text in ends.items()]
    found = _found(old, older, never, *bands)
    assert found.proof is Proof.SAMPLED
    kinds = {(one.kind, one.triggers, one.proof) for one in found.findings}
    assert {
        (Kind.NEVER, ("never",), Proof.SAMPLED),
        (Kind.IMPLIED, ("older", "old"), Proof.SAMPLED),
        (Kind.GAP, ("a", "b"), Proof.PROVED),  # a witness proves it
        (Kind.OVERLAP, ("old", "b"), Proof.PROVED),
    } <= kinds


def test_the_catalogue_has_no_fault_and_no_warning():
    triggers = [load(text, name=name) for name, text in shipped().items()]
    found = analyse(triggers, today=TODAY)
    assert [one for one in found.findings if one.level is not Level.NOTE] == []
    assert (found.unanswered, found.proof) == ((), Proof.PROVED)
