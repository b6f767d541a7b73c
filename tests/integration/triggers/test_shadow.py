"""A draft in the shadow decides on the live stream, and nothing comes of it but counts."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from casework.proposals import Hand, ProposalError, release, submit
from casework.proposals import draft as keep
from casework.shadow import counts
from casework.shadow_life import begin, end
from models.database import transaction
from models.tables import shadow_occurrence
from rules.document import load
from tests.integration.city import City
from tests.integration.documents import CARD, SENIOR, document

SIXTY = document(when=SENIOR.replace("65", "60"))


def _in_review(city: City, text: str) -> None:
    by = Hand(name="author", today=city.today)
    with transaction(city.engine) as db:
        keep(db=db, trigger=load(text, name="test"), by=by)
        submit(db=db, trigger_id="card", by=by, desk=city.desk, prices={})


def _begin(city: City) -> None:
    with transaction(city.engine) as db:
        assert begin(db=db, trigger_id="card", by=Hand(name="an", today=city.today)) == 1


def _counts(city: City) -> dict[str, dict[str, int]]:
    with transaction(city.engine) as db:
        found = counts(db=db, trigger_id="card", number=1)
    return {str(day): {side: n for side, n in sides.items() if n} for day, sides in found.items()}


def _town(city: City) -> City:
    city.wait_until("2026-01-05")
    city.publish(CARD)
    city.lives("at-65", "1961-01-20")
    city.lives("at-60", "1966-01-22")
    city.lives("at-60-later", "1966-01-25")
    city.lives("between", "1963-01-20")
    city.close_until("2026-01-09")
    return city


def test_draft_and_live_are_counted_day_by_day_and_nothing_comes_of_the_draft(city):
    _in_review(_town(city), SIXTY)
    _begin(city)
    city.close_until("2026-01-12")
    before = city.task_lines() + city.notice_lines()
    city.close()
    assert before == city.task_lines() + city.notice_lines()
    assert _counts(city) == {"2026-01-11": {"equal": 1}, "2026-01-13": {"gained": 1}}
    city.arrives("comes-at-60", "1966-01-15")
    city.close()
    city.dies("at-60", "2026-01-14")
    city.close_until("2026-01-16")
    assert _counts(city) == {
        "2026-01-11": {"equal": 1},
        "2026-01-14": {"gained": 1},
        "2026-01-15": {"equal": 1},
        "2026-01-16": {"gained": 1},
    }
    assert {o["resident_id"] for o in city.occurrence_lines()} == {"at-65"}
    assert city.differences() == []


def test_what_the_draft_would_not_begin_is_lost(city):
    _in_review(_town(city), document(when=SENIOR.replace("65", "70")))
    _begin(city)
    city.close_until("2026-01-11")
    assert _counts(city) == {"2026-01-11": {"lost": 1}}


def test_the_shadow_foretells_what_the_publication_then_begins(city):
    _in_review(_town(city), SIXTY)
    _begin(city)
    city.close_until("2026-01-16")
    with transaction(city.engine) as db:
        rows = db.execute(select(shadow_occurrence.c.lineage, shadow_occurrence.c.moment)).all()
        release(db=db, trigger_id="card", by=Hand(name="bo", today=city.today), desk=city.desk)
    city.close()
    began = {(o["resident_id"], date.fromisoformat(o["moment"])) for o in city.occurrence_lines()}
    assert {tuple(row) for row in rows} == began - {("between", date(2028, 1, 20))}
    # What was published is no draft any more: the shadow decides nothing further.
    noted = _counts(city)
    city.close_until("2026-01-25")
    assert _counts(city) == noted


def test_only_a_text_in_review_runs_in_the_shadow_and_it_can_be_ended(city):
    by = Hand(name="an", today=city.today)
    with transaction(city.engine) as db, pytest.raises(ProposalError, match="no text is in review"):
        begin(db=db, trigger_id="card", by=by)
    _in_review(_town(city), SIXTY)
    _begin(city)
    city.close()
    with transaction(city.engine) as db:
        end(db=db, trigger_id="card", by=Hand(name="an", today=city.today - timedelta(days=1)))
    city.close_until("2026-01-16")
    assert _counts(city) == {}
    with transaction(city.engine) as db, pytest.raises(ProposalError, match="no draft is in the shadow"):
        end(db=db, trigger_id="card", by=by)
