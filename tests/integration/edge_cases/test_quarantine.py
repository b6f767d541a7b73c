"""A record that cannot be applied: visible with its reason, driven again once it can be read, and in nobody's way."""

import pytest

import unasked.retrying
from casework.quarantine import listing
from models.database import transaction
from models.vocabulary.states import QuarantineState
from registry.source_mappings import load
from tests.integration.city import City
from tests.integration.documents import CARD
from unasked.office import Office
from unasked.retrying import retry
from unasked.settings import read_settings

#: What the office writes once somebody has asked what the source means by "H".
CURE = """
schema: unasked/source@1
id: cured
topic: population.resident
key: resident_id
fields:
  birth_date: {column: birth_date}
  status: {column: status}
  residence: {column: residence, type: code, values: {H: hukou}}
"""


def test_c9_a_bad_record_waits_with_its_reason_while_the_others_go_on_and_is_driven_again(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    facts = {"birth_date": "1961-01-20", "status": "resident"}
    batch = [city.record(key, "c", facts | {"residence": code}) for key, code in (("an", "hukou"), ("bo", "H"))]
    applied = city.feed(*batch)
    assert (applied.applied, applied.quarantined) == (1, 1)
    city.close_until("2026-01-19")
    assert city.due("an") == ["card 2026-01-20 foreseen"]
    with transaction(city.engine) as db:
        (waiting,) = listing(db)
    assert waiting["reason"] == "unknown_code"
    assert "'H' is no code of kind of residence" in waiting["detail"]
    assert "不是居住类型的代码" in waiting["detail"]

    monkeypatch.setattr(unasked.retrying, "business_date", lambda _settings: city.today)
    office = Office(settings=read_settings({}), engine=city.engine, desk=city.desk)
    (retried,) = retry(office, [waiting["quarantine_id"]], load(CURE, name="cure.yaml"))
    assert (retried.state, retried.source) == (QuarantineState.APPLIED, waiting["source"])
    city.close()
    assert city.due("an") == city.due("bo") == ["card 2026-01-20 fulfilled"]
    with transaction(city.engine) as db:
        assert listing(db) == []
