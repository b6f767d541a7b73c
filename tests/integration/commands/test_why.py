"""One resident at a time: what `why` says of a life whose story we know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from casework.why import Answer, Question, WhyError, why
from casework.why_outcome import Code
from casework.why_plain import plain
from casework.why_words import lines
from models.database import connect, transaction
from models.tables import metadata
from models.vocabulary.states import Reason
from models.vocabulary.verdict import Verdict
from rules.sentence import Language
from tests.integration.city import City
from tests.integration.commands.conftest import SENIOR, snapshot

DOCUMENT = SENIOR.format(id="senior", age=65, moment="2026-03-01")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[City]:
    engine = connect(f"sqlite:///{tmp_path}/town.db", durable=False)
    metadata.create_all(engine)
    yield City(engine=engine)
    engine.dispose()


def ask(town: City, key: str, on: str | None = None, trigger: str = "senior") -> Answer:
    day = date.fromisoformat(on) if on else town.today
    question = Question(resident_id=key, trigger_id=trigger, on=day)
    with transaction(town.engine) as db:
        return why(db=db, question=question, today=town.today, desk=town.desk)


def told(answer: Answer, lang: Language = Language.EN) -> str:
    return "\n".join(lines(answer, lang))


def test_a_task_before_its_birthday_is_explained_by_the_birthday(town):
    town.lives("r1", "1961-03-01")
    town.publish(DOCUMENT)
    answer = ask(town, "r1", "2026-01-02")
    assert (answer.explanation.verdict, answer.outcome.code) == (Verdict.FALSE, Code.FORESEEN)
    assert (answer.standing.verdict, answer.standing.on) == (Verdict.TRUE, date(2026, 3, 1))
    assert answer.turns == ((date(2026, 3, 1), Verdict.TRUE),)
    assert "re-checked as of 2026-03-01: TRUE" in told(answer)
    assert "按 2026-03-01 复核：TRUE" in told(answer, Language.ZH)


@pytest.mark.parametrize(
    ("key", "birth", "facts", "code"),
    [
        ("old", "1940-01-01", {}, Code.BACKLOG),
        ("young", "1990-06-01", {}, Code.NOT_YET),
        ("guest", "1961-03-01", {"residence": "other"}, Code.NOT_DUE),
        ("lost", None, {}, Code.UNKNOWN),
        ("gone", "1961-03-01", {"status": "moved_out"}, Code.MOVED_OUT),
        ("late", "1961-03-01", {"status": "deceased"}, Code.DECEASED),
        ("double", "1961-03-01", {"status": "merged", "merged_into": "old"}, Code.MERGED),
    ],
)
def test_each_absence_has_its_reason_in_both_languages(town, key, birth, facts, code):
    town.lives(key, birth, **facts)
    town.publish(DOCUMENT)
    answer = ask(town, key)
    assert answer.outcome.code is code
    for lang, word in ((Language.ZH, "结果：未办理"), (Language.EN, "outcome: n")):
        assert word in told(answer, lang) or code is Code.NOT_YET


def test_not_yet_names_the_moment_and_the_first_day_of_work(town):
    town.lives("r1", "1990-06-01")
    town.publish(DOCUMENT)
    outcome = ask(town, "r1").outcome
    assert (outcome.moment, outcome.on) == (date(2055, 6, 1), date(2055, 3, 3))


def test_a_withdrawn_occurrence_tells_who_left(town):
    town.lives("r1", "1961-03-01")
    town.publish(DOCUMENT)
    town.close()
    town.leaves("r1")
    answer = ask(town, "r1")
    assert (answer.outcome.code, answer.outcome.reason) == (Code.WITHDRAWN, Reason.MOVED_OUT)
    assert "the resident has left" in told(answer) and "居民已迁出" in told(answer, Language.ZH)


def test_an_unknown_birth_date_names_the_fact_and_the_task_that_asks_for_it(town):
    town.lives("r1", None)
    town.publish(DOCUMENT)
    answer = ask(town, "r1")
    assert answer.explanation.missing == ("birth_date",)
    (task,) = plain(answer)["tasks"]
    assert (task["step"], task["kind"], task["state"]) == ("data", "data", "open")


def test_what_was_known_then_stands_beside_what_is_known_now(town):
    town.lives("r1", "1961-03-01")
    town.publish(DOCUMENT)
    town.close_until("2026-01-10")
    town.change("r1", birth_date="1960-03-01")
    answer = ask(town, "r1", "2026-01-05")
    assert (answer.explanation.verdict, answer.then.verdict) == (Verdict.TRUE, Verdict.FALSE)
    (altered,) = answer.then.altered
    assert (altered.name, altered.then, altered.now) == ("birth_date", "1961-03-01", "1960-03-01")
    assert answer.then.learned_on == (date(2026, 1, 11),)
    assert "as known then: FALSE" in told(answer) and "当时所知：FALSE" in told(answer, Language.ZH)


def test_a_day_before_a_move_is_answered_with_the_facts_of_that_day(town):
    town.lives("r1", "1940-03-01", residence="other")
    town.publish(DOCUMENT)
    town.close_until("2026-01-10")
    town.change("r1", residence="hukou")
    before, after = ask(town, "r1", "2026-01-10"), ask(town, "r1", "2026-01-11")
    assert (before.explanation.verdict, after.explanation.verdict) == (Verdict.FALSE, Verdict.TRUE)
    assert before.then is None
    (fact,) = [fact for fact in after.facts if fact.name == "residence"]
    assert (fact.version, fact.valid_from, fact.known_on) == (2, date(2026, 1, 11), date(2026, 1, 11))
    assert fact.source == "population.resident/0/2"


def test_the_state_on_an_earlier_day_comes_from_the_history(town):
    town.lives("r1", "1961-03-01")
    town.publish(DOCUMENT)
    town.close_until("2026-03-03")
    assert ask(town, "r1").outcome.code is Code.FULFILLED
    assert ask(town, "r1", "2026-02-01").outcome.code is Code.FORESEEN
    assert ask(town, "r1", "2025-12-31").outcome.code is Code.NOT_BEGUN


def test_days_before_publication_and_after_withdrawal_say_so(town):
    town.lives("r1", "1990-03-01")
    town.close()
    town.publish(DOCUMENT)
    assert ask(town, "r1", "2026-01-01").outcome.code is Code.NOT_PUBLISHED
    town.close()
    town.withdraw("senior")
    outcome = ask(town, "r1").outcome
    assert (outcome.code, outcome.on) == (Code.TRIGGER_WITHDRAWN, date(2026, 1, 3))


def test_a_day_before_the_first_record_has_no_verdict(town):
    town.publish(DOCUMENT)
    town.close()
    town.arrives("r1", "1990-03-01")
    answer = ask(town, "r1", "2026-01-01")
    assert (answer.explanation, answer.outcome.code) == (None, Code.NOT_RECORDED)
    assert "当日无记录" in told(answer, Language.ZH)


def test_a_contradicted_birth_date_is_marked_as_doubted(town):
    town.lives("r1", "1961-03-01", death_date="1950-01-01", status="resident")
    town.publish(DOCUMENT)
    answer = ask(town, "r1")
    assert ("birth_date", "contradiction") in answer.doubts
    assert "not relied on" in told(answer)


def test_a_key_change_is_answered_under_both_keys(town):
    town.lives("r1", "1961-03-01")
    town.publish(DOCUMENT)
    row = town.rows["r1"]
    town.feed(town.record("r1", "d", None, newkey=json.dumps({"resident_id": "r2"})))
    town.feed(town.record("r2", "c", row, oldkey=json.dumps({"resident_id": "r1"})))
    assert ask(town, "r1").lineage == ask(town, "r2").lineage == "r1"
    assert ask(town, "r2").outcome.code is Code.FORESEEN


def test_nobody_and_nothing_are_refused_in_both_languages(town):
    town.publish(DOCUMENT)
    with pytest.raises(WhyError, match="quarantine list") as refused:
        ask(town, "nobody")
    assert "人口库中没有" in str(refused.value)
    town.lives("r1", "1961-03-01")
    with pytest.raises(WhyError, match="write one of senior"):
        ask(town, "r1", trigger="nothing")


def test_the_command_speaks_both_languages_and_notes_who_asked(unasked, senior, home, books):
    unasked("trigger", "publish", senior)
    unasked("load", snapshot(home / "people.jsonl", {"resident_id": "r1", "birth_date": "1961", "name": "王小明"}))
    both = unasked("why", "r1", "--trigger", "senior").out
    assert both.index("逐条") < both.index("clauses") and "people.jsonl:1" in both and "王小明" not in both
    assert "逐条" not in unasked("why", "r1", "--trigger", "senior", "--lang", "en").out
    document = unasked("why", "r1", "--trigger", "senior", "--on", "2030-01-01", "--json").document
    assert (document["on"], document["facts"][0]["source"]) == ("2030-01-01", "people.jsonl:1")
    assert books("SELECT count(*) FROM audit_entry WHERE action = 'why' AND subject = 'r1'") == [(3,)]
