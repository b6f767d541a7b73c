import json

import pytest
from sqlalchemy import select

from casework.bookkeeping import current_book
from casework.proposals import (
    Hand,
    ProposalError,
    draft,
    evidence_for,
    open_proposal,
    release,
    send_back,
    submit,
    text_of,
)
from casework.publishing import PublishError
from models.database import transaction
from models.tables import occurrence, resident_version, trigger_version
from models.vocabulary.states import ProposalState
from rules.document import load
from tests.integration.city import City
from tests.integration.documents import CARD, SENIOR, document

SIXTY = document(when=SENIOR.replace("65", "60"))


def _draft(city: City, text: str, name: str = "author") -> None:
    by = Hand(name=name, today=city.today)
    city.write(lambda db: draft(db=db, trigger=load(text, name="test"), by=by))


def _submit(city: City, text: str, name: str = "author") -> None:
    _draft(city, text, name)
    by = Hand(name=name, today=city.today)
    city.write(lambda db: submit(db=db, trigger_id="card", by=by, desk=city.desk, prices={}))


def _release(city: City, name: str = "publisher", *, two_people: bool = True) -> None:
    by = Hand(name=name, today=city.today)
    city.write(lambda db: release(db=db, trigger_id="card", by=by, desk=city.desk, two_people=two_people))


def _state(city: City) -> str | None:
    with transaction(city.engine) as db:
        found = open_proposal(db, "card")
    return found and found.state


def test_the_author_is_never_the_publisher(city):
    _submit(city, CARD)
    with pytest.raises(ProposalError, match="somebody else must publish"):
        _release(city, "author")
    assert _state(city) == ProposalState.IN_REVIEW
    _release(city, "publisher")
    with transaction(city.engine) as db:
        row = evidence_for(db, "card", 1)
    assert row is not None
    assert (row.author, row.publisher, row.state) == ("author", "publisher", ProposalState.PUBLISHED)


def test_where_unasked_is_tried_out_one_person_may_do_both(city):
    _submit(city, CARD)
    _release(city, "author", two_people=False)
    assert _state(city) is None


def test_a_draft_is_not_published_before_its_review(city):
    _draft(city, CARD)
    with pytest.raises(ProposalError, match=r"no proposal is in_review \(found: draft\)"):
        _release(city)
    with transaction(city.engine) as db:
        assert current_book(db).triggers == {}


def test_the_evidence_is_frozen_when_the_text_is_handed_in(city):
    city.lives("old", "1950-05-05")
    city.lives("soon", "1961-03-01")
    city.lives("nobody knows", None)
    _submit(city, CARD)
    city.lives("another", "1961-03-02")
    _release(city)
    with transaction(city.engine) as db:
        row = evidence_for(db, "card", 1)
    assert row is not None
    evidence = json.loads(row.evidence)
    assert [evidence["preview"][name] for name in ("true", "false", "unknown", "begins")] == [1, 1, 1, 1]
    assert evidence["digest"] == load(CARD, name="test").digest
    assert (evidence["analysis"]["proof"], evidence["analysis"]["findings"]) == ("proved", [])
    assert evidence["not_checked"] == []


def test_what_the_text_would_have_done_in_the_year_before_is_part_of_the_evidence(city):
    city.lives("turned", "1961-01-20")
    city.lives("turns later", "1961-06-01")
    city.wait_until("2026-03-02")
    _submit(city, CARD)
    with transaction(city.engine) as db:
        row = open_proposal(db, "card")
    assert row is not None
    tested = json.loads(row.evidence)["backtest"]
    assert (tested["from"], tested["to"]) == ("2025-03-02", "2026-03-01")
    assert (tested["draft"]["persons"], tested["draft"]["occurrences"]) == (1, {"fulfilled": 1})
    assert tested["published"] is None


def test_a_condition_that_is_never_true_is_not_handed_in(city):
    with pytest.raises(ProposalError, match="never TRUE"):
        _submit(city, document(when="age(birth_date) >= 65 && age(birth_date) < 60"))


def test_another_publication_meanwhile_stops_the_release(city):
    _submit(city, SIXTY)
    city.publish(CARD)
    with pytest.raises(ProposalError, match="reviewed beside version 0, now there is 1"):
        _release(city)
    city.write(lambda db: send_back(db=db, trigger_id="card", note="compare again"))
    _submit(city, SIXTY)
    _release(city)
    with transaction(city.engine) as db:
        assert current_book(db).newest("card").version == 2


def test_a_text_in_review_is_not_replaced_but_sent_back(city):
    _submit(city, CARD)
    with pytest.raises(ProposalError, match="is in review"):
        _draft(city, SIXTY)
    city.write(lambda db: send_back(db=db, trigger_id="card", note="sixty"))
    assert _state(city) == ProposalState.DRAFT
    _submit(city, SIXTY, "another author")
    with pytest.raises(ProposalError):
        _release(city, "another author")
    _release(city, "author")


def test_a_rollback_is_a_new_version_and_running_occurrences_keep_theirs(city):
    city.lives("first", "1961-01-20")
    city.publish(CARD)
    city.close_until("2026-01-14")
    _submit(city, SIXTY)
    _release(city)
    city.lives("second", "1966-01-30")
    city.close_until("2026-01-24")
    with transaction(city.engine) as db:
        old = text_of(db=db, trigger_id="card", version=1)
    _submit(city, old.text)
    _release(city)
    with transaction(city.engine) as db:
        versions = db.execute(select(occurrence.c.resident_id, occurrence.c.version)).all()
        rows = db.execute(select(trigger_version.c.document).order_by(trigger_version.c.version)).scalars().all()
        newest = current_book(db).newest("card")
    assert (newest.version, newest.trigger.digest) == (3, load(CARD, name="test").digest)
    assert rows == [CARD, SIXTY, CARD]  # no version was rewritten
    assert sorted((str(key), number) for key, number in versions) == [("first", 1), ("second", 2)]
    assert city.differences() == []


def test_the_next_transaction_after_a_publication_decides_by_it_and_is_stamped_with_it(city):
    city.publish(CARD)
    city.lives("before", "1966-02-01")
    _submit(city, SIXTY)
    _release(city)
    city.arrives("after", "1966-01-08")
    with transaction(city.engine) as db:
        stamps = db.execute(select(resident_version.c.resident_id, resident_version.c.book)).all()
        made = db.execute(select(occurrence.c.resident_id, occurrence.c.version)).all()
        places = select(trigger_version.c.published_seq).order_by(trigger_version.c.version)
        first, second = db.execute(places).scalars()
    assert first < second
    assert sorted((str(key), book) for key, book in stamps) == [("after", second), ("before", first)]
    assert [(str(key), version) for key, version in made] == [("after", 2)]


def test_a_version_that_is_not_there_cannot_be_rolled_back_to(city):
    city.publish(CARD)
    with transaction(city.engine) as db, pytest.raises(PublishError, match="there is no version 7; the newest is 1"):
        text_of(db=db, trigger_id="card", version=7)
