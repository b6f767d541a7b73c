"""The volume guard: both published accidents and a mass of false deaths are stopped before the first task."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from casework.certificate import certify_and_keep
from casework.control import go_on, stop
from casework.proposals import Hand
from casework.volume import SMALL, Terms
from casework.volume_release import ReleaseError, dismiss, let_go, stops
from models.database import transaction
from models.tables import occurrence, volume_hold, volume_run
from tests.integration.city import City
from tests.integration.documents import CARD, SENIOR, document

#: The card of documents.py: first step nine days before the birthday.
LEAD = 9
START = date(2026, 1, 1)


@pytest.fixture
def town(city: City) -> City:
    """Four residents are born on each day of the years that matter, so that each day begins four occurrences."""
    city.desk = replace(city.desk, volume=Terms(canary=3))
    city.today = START - timedelta(days=1)
    records = []
    for age, days in ((56, range(-4, 1)), (65, range(-40, 56))):
        for number in days:
            for one in range(4):
                day = _years_before(START + timedelta(days=number), age)
                key = f"r{age}-{number + 40:03}-{one}"
                city.rows[key] = {"birth_date": day.isoformat(), "status": "resident", "residence": "hukou"}
                city.rows[key]["district"] = "440305"
                records.append(city.record(key, "r", city.rows[key]))
    city.feed(*records)
    city.today = START
    return city


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _begun(city: City) -> list[str]:
    """The residents for whom a department has a task or a message waits."""
    return sorted({t["resident_id"] for t in city.task_lines()} | {n["resident_id"] for n in city.notice_lines()})


def _open_stops(city: City):
    with transaction(city.engine) as db:
        return stops(db=db)


def _let_go(city: City, name: str, trigger_id: str = "card") -> int | None:
    """Agree to a stop on the day that was closed last, as in service, where a day is closed when it begins."""
    on = city.today - timedelta(days=1)
    with transaction(city.engine) as db:
        number = let_go(db=db, trigger_id=trigger_id, by=Hand(name=name, today=on), desk=city.desk)
        certify_and_keep(db=db, day=on)
        return number


def test_the_opening_day_and_ordinary_days_and_an_outage_of_forty_days_are_no_stop(town):
    town.publish(CARD)
    town.close()
    # Whoever turns 65 within nine days is due at once: nine days and the day itself.
    assert len(_begun(town)) == 4 * (LEAD + 1)
    town.close_until("2026-01-05")
    town.wait_until("2026-02-14")
    town.close()
    assert _open_stops(town) == []
    with transaction(town.engine) as db:
        rows = {row.day: row for row in db.execute(select(volume_run))}
    # Forty days and their birthdays were foretold to the unit.
    assert (rows[date(2026, 2, 14)].volume, rows[date(2026, 2, 14)].known) == (160, 160)
    assert rows[START].volume == rows[START].known == 4 * (LEAD + 1)
    assert town.differences() == []


def test_g2_a_plan_that_begins_a_month_early_is_stopped_before_the_first_task(town):
    """Wrong month: the first step moves from 9 to 39 days before, so that a month of residents is due at once."""
    town.publish(CARD)
    town.close_until("2026-01-05")
    before = _begun(town)
    early = tuple(step.replace("-9d", "-39d") for step in document().split("\n"))
    town.publish("\n".join(early))
    town.desk = replace(town.desk, volume=Terms(canary=0))
    town.close()
    assert _begun(town) == before
    [stop] = _open_stops(town)
    assert (stop.trigger_id, stop.volume, stop.waiting, stop.version, stop.newest) == ("card", 31 * 4, 31 * 4, 1, 2)
    assert stop.known == 4
    _adds_up(town, withheld=31 * 4)
    assert town.differences() == []


def test_g2_a_wrong_age_group_is_stopped_before_the_first_task_and_a_canary_goes_first(town):
    town.publish(CARD)
    town.close_until("2026-01-05")
    before = _begun(town)
    town.publish(document(when=SENIOR.replace("65", "56"), backlog="all"))
    town.close()
    assert len(_begun(town)) == len(before) + 3
    [stop] = _open_stops(town)
    assert stop.canary == 3
    assert stop.waiting == stop.volume - 3
    assert stop.canary_tasks
    # While it is open nothing new begins, and what has begun goes on.
    town.close_until("2026-01-09")
    assert len(_begun(town)) == len(before) + 3
    assert [(t["step"], t["state"]) for t in town.task_lines("r65-047-0")] == [("prepare", "done"), ("card", "done")]
    assert town.differences() == []


def _adds_up(city: City, *, withheld: int) -> None:
    line = city.certificates[-1]
    assert dict(line.withheld)["volume"] == withheld
    assert line.due == line.dispatched + sum(line.withheld.values()) + line.withdrawn
    assert line.residue == 0


def test_g2_a_source_that_moves_birth_dates_to_a_wrong_month_is_stopped(town):
    """A migration at the source: those due in three months are said to be due next week."""
    town.publish(CARD)
    town.close_until("2026-01-05")
    before = _begun(town)
    moved = [key for key in town.rows if key.startswith(("r65-07", "r65-08", "r65-09"))]
    town.feed(*(town.record(key, "u", town.rows[key] | {"birth_date": "1961-01-12"}) for key in moved))
    town.close()
    assert len(_begun(town)) == len(before) + 3
    [stop] = _open_stops(town)
    assert stop.volume == len(moved) + 4


def test_g2_a_source_that_gives_everybody_a_second_record_is_stopped(town):
    """Started twice: the same people once more, under keys that nothing leads to."""
    town.publish(document(backlog="all", once="life"))
    town.close()
    assert (_let_go(town, "a"), _let_go(town, "b")) == (None, 200 - 3)
    town.close_until("2026-01-05")
    before = _begun(town)
    copies = [town.record(f"copy-{key}", "c", row) for key, row in list(town.rows.items()) if key.startswith("r65-0")]
    town.feed(*copies)
    town.close()
    assert len(_begun(town)) == len(before) + 3


STOP_PENSION = document(
    id="stop-pension",
    when='status == "deceased"',
    gate="survivors",
    plan=("{step: stop, at: 0d, task: {department: social-insurance, kind: propose-end-of-pension, due: 5d}}",),
)


def test_x7_a_mass_of_deaths_in_one_district_is_stopped_and_a_correction_takes_it_back(town):
    town.publish(CARD, STOP_PENSION)
    for number in range(20):
        town.change(f"r65-{number + 60:03}-0", status="deceased", death_date=town.today.isoformat())
        town.close()
    assert len([t for t in town.task_lines() if t["step"] == "stop"]) == 20
    dead = [f"r65-{number:03}-{one}" for number in range(36) for one in range(4)][:141]
    town.feed(*(town.record(k, "u", town.rows[k] | {"status": "deceased"}) for k in dead))
    town.close()
    [stop] = _open_stops(town)
    assert (stop.trigger_id, stop.volume, stop.waiting) == ("stop-pension", 141, 138)
    assert len([t for t in town.task_lines() if t["step"] == "stop"]) == 20 + 3
    # A hundred prove that they live; the others are looked at, and go on.
    town.feed(*(town.record(k, "u", town.rows[k]) for k in dead[:100]))
    town.close()
    town.close()
    assert _let_go(town, "a", "stop-pension") is None
    assert _let_go(town, "b", "stop-pension") == 41 - len(_canaries(town) & set(dead[100:]))
    town.close()
    # The hundred were withdrawn, and the proposals about the others are on a desk.
    stopped = {t["resident_id"] for t in town.task_lines() if t["step"] == "stop" and t["state"] != "withdrawn"}
    assert stopped & set(dead) == set(dead[100:])
    assert town.differences() == []


def _canaries(city: City) -> set[str]:
    with transaction(city.engine) as db:
        mine = occurrence.c.occurrence_id == volume_hold.c.occurrence_id
        found = select(occurrence.c.resident_id).join(volume_hold, mine).where(volume_hold.c.canary)
        return set(db.execute(found).scalars())


def test_two_different_people_let_a_run_go_and_it_goes_on_by_late(town):
    town.publish(document(backlog="all"))
    town.close()
    assert _let_go(town, "an") is None
    with pytest.raises(ReleaseError, match="an has agreed already"):
        _let_go(town, "an")
    assert _let_go(town, "bo") == 197
    [stop] = _all_stops(town)
    assert (stop.asked_by, stop.ended_by, stop.outcome, stop.waiting) == ("an", "bo", "released", 0)
    assert len(_begun(town)) == 200
    with pytest.raises(ReleaseError, match="no run is stopped"):
        _let_go(town, "cai")
    # Let go, it is what the trigger does: the days that follow are judged by it.
    town.close_until("2026-01-20")
    assert _open_stops(town) == []
    assert town.differences() == []


def _all_stops(city: City):
    with transaction(city.engine) as db:
        return stops(db=db, only_open=False)


def test_steps_that_waited_follow_late(town):
    """Three days after the birthday only the newest step is still useful."""
    town.publish(document(backlog="all"))
    town.close_until("2026-01-04")
    _let_go(town, "an")
    _let_go(town, "bo")
    assert town.steps("r65-040-0") == [
        "prepare 2025-12-23 withheld (late)",
        "contact 2025-12-29 withheld (late)",
        "card 2026-01-01 dispatched",
    ]


def test_a_stop_of_which_nothing_is_due_any_more_is_dismissed(town):
    town.publish(document(backlog="all"))
    town.close()
    with transaction(town.engine) as db, pytest.raises(ReleaseError, match="197 are still due"):
        dismiss(db=db, trigger_id="card", by=Hand(name="an", today=START))
    town.feed(*(town.record(key, "u", row | {"status": "moved_out"}) for key, row in town.rows.items()))
    town.close()
    with transaction(town.engine) as db:
        dismiss(db=db, trigger_id="card", by=Hand(name="an", today=START + timedelta(days=1)))
    assert [stop.outcome for stop in _all_stops(town)] == ["dismissed"]
    town.close()
    assert town.differences() == []


def test_what_waited_for_a_pause_is_foretold_with_the_days_of_the_pause(town):
    town.publish(CARD)
    town.close_until("2026-01-05")
    with transaction(town.engine) as db:
        stop(db=db, subject="card", today=town.today)
    town.close_until("2026-01-25")
    with transaction(town.engine) as db:
        go_on(db=db, subject="card", today=town.today, desk=town.desk)
    town.close()
    assert _open_stops(town) == []
    with transaction(town.engine) as db:
        row = db.execute(select(volume_run).where(volume_run.c.day == date(2026, 1, 26))).one()
    assert (row.volume, row.known) == (21 * 4, 21 * 4)


def test_without_anybody_to_ask_a_run_out_of_bounds_is_noted_and_goes_on(town):
    town.desk = replace(town.desk, volume=Terms(stops=False))
    town.publish(document(backlog="all"))
    town.close()
    assert len(_begun(town)) == 200
    assert [(stop.volume, stop.outcome) for stop in _all_stops(town)] == [(200, "noted")]


def test_small_runs_are_never_stopped(city):
    city.publish(document(backlog="all"))
    for number in range(SMALL):
        city.lives(f"r{number}", "1940-01-01")
    city.close()
    assert len(_begun(city)) == SMALL
    assert city.table(volume_run) == []
