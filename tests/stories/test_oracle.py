"""The reference itself: by hand for the worked example, and against a walk over every single day."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.stories.oracle import Case, play
from tests.stories.oracle_facts import ZONE, Change, History, Row, Window, anniversary, interval
from tests.stories.oracle_work import State
from tests.stories.reference_rules import CARD, CONTACT, GREET, PREPARE, Late, Rule

SENIOR = Rule(id="senior-card", years=65, plan=(PREPARE, CONTACT, CARD))
YEAR = Window(start=date(2026, 1, 1), end=date(2026, 12, 31))
ROW: Row = {"resident_id": "r", "status": "resident", "residence": "hukou", "birth_date": "1961-06-01"}


def change(*, day: date, order: int, after: Row | None) -> Change:
    """A change at noon."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)
    return Change(key="r", at=at, order=(0, order), sequence=(order, order, order), after=after)


def days_of(case: Case) -> dict[str, date | None]:
    """The day on which each step ran."""
    return {work.step.name: work.on for work in case.work}


def test_the_worked_example_prepares_tells_and_mails_the_card_on_the_birthday() -> None:
    case = play(rule=SENIOR, changes=[change(day=date(2020, 1, 1), order=1, after=ROW)], window=YEAR)
    assert case.moment == date(2026, 6, 1)
    assert case.state is State.FULFILLED
    assert days_of(case) == {"prepare": date(2026, 3, 3), "contact": date(2026, 5, 2), "card": date(2026, 6, 1)}


def test_who_moves_in_the_day_before_is_told_at_once_and_gets_the_card_on_the_birthday() -> None:
    case = play(rule=SENIOR, changes=[change(day=date(2026, 5, 31), order=1, after=ROW)], window=YEAR)
    assert days_of(case) == {"prepare": None, "contact": date(2026, 5, 31), "card": date(2026, 6, 1)}


def test_death_on_the_birthday_withdraws_the_card_and_corrects_nothing_that_was_right_when_done() -> None:
    dead = {**ROW, "status": "deceased", "death_date": "2026-06-01"}
    changes = [change(day=date(2020, 1, 1), order=1, after=ROW), change(day=date(2026, 6, 1), order=2, after=dead)]
    case = play(rule=SENIOR, changes=changes, window=YEAR)
    assert case.state is State.WITHDRAWN
    assert days_of(case)["card"] is None
    assert case.corrections == set()


def test_who_was_65_on_the_eve_is_backlog_and_who_turns_65_on_the_first_day_is_not() -> None:
    for birth, state in (("1960-12-31", None), ("1961-01-01", State.FULFILLED)):
        row = {**ROW, "birth_date": birth}
        case = play(rule=SENIOR, changes=[change(day=date(2020, 1, 1), order=1, after=row)], window=YEAR)
        assert case.state is state


def test_skipping_all_of_a_late_plan_leaves_a_withheld_occurrence() -> None:
    rule = Rule(id="skip", years=65, plan=(GREET,), late=Late.SKIP)
    late = [
        change(day=date(2020, 1, 1), order=1, after={**ROW, "birth_date": None}),
        change(day=date(2026, 6, 2), order=2, after=ROW),
    ]
    case = play(rule=rule, changes=late, window=YEAR)
    assert (case.moment, case.state) == (date(2026, 6, 1), State.WITHHELD)


def test_leap_days_fall_where_the_rule_says() -> None:
    for leap_day, expected in (("feb28", date(2025, 2, 28)), ("mar1", date(2025, 3, 1))):
        assert anniversary(birth=date(1960, 2, 29), years=65, leap_day=leap_day) == expected
        assert anniversary(birth=date(1960, 2, 29), years=64, leap_day=leap_day) == date(2024, 2, 29)


def test_partial_dates_reach_from_their_first_to_their_last_day() -> None:
    assert interval("1960-02") == (date(1960, 2, 1), date(1960, 2, 29))
    assert interval("1960-12") == (date(1960, 12, 1), date(1960, 12, 31))
    assert interval("1960") == (date(1960, 1, 1), date(1960, 12, 31))
    assert interval(-3653) == (date(1960, 1, 1), date(1960, 1, 1))


STATUSES = st.sampled_from(["resident", "resident", "moved_out", None])
BIRTHS = st.sampled_from(["1960-02-29", "1960-03", "1960", "1960-05-20", None])
DEATHS = st.sampled_from([None, None, "2025-04-10", "2025-06"])


@given(steps=st.lists(st.tuples(st.integers(0, 400), STATUSES), min_size=1, max_size=5), birth=BIRTHS, death=DEATHS)
def test_the_first_true_day_is_what_a_walk_over_every_day_finds(
    steps: list[tuple[int, str | None]], birth: str | None, death: str | None
) -> None:
    start = date(2024, 10, 1)
    history = History()
    for order, (offset, status) in enumerate(sorted(steps, key=lambda step: step[0])):
        row = {**ROW, "birth_date": birth, "death_date": death, "status": status} if status else None
        history.apply(change(day=start + timedelta(days=offset), order=order, after=row))
    rule = Rule(id="walk", years=65, plan=(GREET,), leap_day="mar1")
    walked = next((day for day in (start + timedelta(days=n) for n in range(900)) if is_true(history, day)), None)
    assert history.first_true(rule, since=start) == walked


def is_true(history: History, day: date) -> bool:
    """Age 65 (29 February counts from 1 March), alive and resident on a day, by the version valid at its close."""
    facts = history.facts
    bounds, death = interval(facts.get("birth_date")), interval(facts.get("death_date"))
    current = next((row for since, row in reversed(history.versions) if since <= day), None)
    if bounds is None or current is None or current["status"] != "resident" or (death and death[0] <= day):
        return False
    birth = bounds[1]
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day)) >= 65
