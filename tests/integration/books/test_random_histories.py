"""Any history of changes, days, ticks, publications, answers, post and crashes ends where a recomputation ends."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from casework.certificate import Certificate
from models.vocabulary.change import Op
from models.vocabulary.states import Result
from tests.integration.books.town import Town, document
from tests.stack.form import LONG

#: Before a release, before a merge (the same ones in every run), and at the desk.
HISTORIES = 3000 if LONG else 500 if os.getenv("CI") == "true" else 60
WHEN = (
    'age(birth_date) >= 65 && status == "resident" && residence in ["hukou", "permit"] && !has(senior_card_on)',
    'age(birth_date) >= 64 && status == "resident"',
    'age(birth_date) >= 65 && age(birth_date) < 66 && residence == "hukou"',
    "days_to(moved_in_on) <= -30 && !has(merged_into)",
)
births = st.sampled_from(
    [
        None,
        "1959-02-28",
        "1959-03-01",
        "1959-04-20",
        "1960-02-29",
        "1959",
        "1959-06",
        "1940-01-01",
        "1959-12-31",
        "2019-05-05",
    ]
)
rows = st.fixed_dictionaries(
    {
        "birth_date": births,
        "status": st.sampled_from(["resident", "resident", "resident", "moved_out"]),
        "residence": st.sampled_from(["hukou", "permit", "other", None]),
    },
    optional={
        "birth_status": st.sampled_from(["confirmed", "investigating"]),
        "death_date": st.sampled_from([None, None, "2024-06-10", "2024"]),
        "opted_out": st.booleans(),
        "preferred_channel": st.sampled_from(["letter", "sms", None]),
        "household_id": st.sampled_from(["h1", "h2"]),
        "guardian_id": st.sampled_from(["p1", "p2", None]),
        "moved_in_on": st.sampled_from([None, date(2024, 1, 20), date(2024, 2, 11)]),
    },
)
keys = st.sampled_from(["p1", "p2", "p3"])
changes = st.tuples(st.just("change"), keys, rows, st.integers(min_value=0, max_value=23))
days = st.tuples(st.just("days"), st.sampled_from([1, 1, 5, 13, 31, 47]))
documents = st.builds(
    document,
    when=st.sampled_from(WHEN),
    once=st.sampled_from(["life", "each", "year"]),
    backlog=st.sampled_from(["none", "all"]),
    late=st.sampled_from(["run", "skip", "latest"]),
    leap_day=st.sampled_from(["feb28", "mar1"]),
    to=st.sampled_from(["resident", "resident", "guardian"]),
)
publications = st.tuples(st.just("publish"), documents)
others = st.sampled_from([("delete", "p1"), ("delete", "p2"), ("replay",), ("crash",), ("card", "p3"), ("withdraw",)])
hours = st.integers(min_value=0, max_value=23)
#: What happens while a day goes on, as it does in service: several changes with steps, answers and post between them.
amid = st.one_of(
    st.tuples(st.just("tick"), hours),
    st.tuples(st.just("tick"), hours),
    st.tuples(st.just("post"), st.sampled_from(["sent", "refused", "bounced"])),
    st.tuples(st.just("crossing"), changes),
    st.tuples(st.just("answer"), st.integers(min_value=0, max_value=9), st.sampled_from(list(Result))),
    st.tuples(st.just("operate"), st.sampled_from(["stop", "go on", "take back"])),
    changes,
)
lively = st.lists(amid, min_size=2, max_size=9).map(lambda acts: ("lively", acts))
acts = st.one_of(changes, changes, days, days, days, publications, others, lively, lively)
histories = st.lists(acts, min_size=4, max_size=28)


def faults(lines: list[Certificate]) -> list[Any]:
    """What a day's certificates find."""
    return [fault for line in lines for fault in line.faults]


def play(town: Town, act: tuple[Any, ...]) -> None:
    """Let one thing happen."""
    match act:
        case ("days", count):
            assert faults(town.pass_days(count)) == []
        case ("crash",):
            town.crash_next = True
        case ("lively", acts):
            for one in acts:
                play(town, one)
        case ("change" | "delete" | "card" | "replay", *_):
            play_change(town, act)
        case ("post" | "crossing", *_):
            play_post(town, act)
        case _:
            play_office(town, act)


def play_change(town: Town, act: tuple[Any, ...]) -> None:
    """Let the population change."""
    match act:
        case ("change", key, row, hour):
            known = any(c.key == key and c.op is not Op.DELETE for c in town.sent)
            town.send(key, Op.UPDATE if known else Op.CREATE, row, hour)
        case ("delete", key):
            town.send(key, Op.DELETE, None, 23)
        case ("card", key):
            town.send(key, Op.UPDATE, {"senior_card_on": town.today})
        case ("replay",):
            assert town.apply(list(town.sent)).applied == 0


def play_post(town: Town, act: tuple[Any, ...]) -> None:
    """Let the post come while the day goes on."""
    match act:
        case ("post", fate):
            town.deliver(refused=fate == "refused")
            if fate == "bounced":
                town.bounce()
        case ("crossing", change):
            town.deliver(meanwhile=lambda: play_change(town, change))


def play_office(town: Town, act: tuple[Any, ...]) -> None:
    """Let the clock, a department or an operator do something."""
    match act:
        case ("publish", text):
            town.publish(text)
        case ("withdraw",):
            town.withdraw()
        case ("tick", hour):
            assert faults(town.tick(hour)) == []
        case ("answer", number, result):
            town.answer(number, result)
        case ("operate", what):
            town.operate(what)


@settings(max_examples=HISTORIES, phases=(Phase.explicit, Phase.generate), suppress_health_check=[HealthCheck.too_slow])
@given(history=histories)
def test_any_history_ends_where_a_full_recomputation_ends(history: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        town.pass_days(1)
        for act in history:
            play(town, act)
        town.pass_days(1)
        assert town.differences() == []
        town.engine.dispose()
