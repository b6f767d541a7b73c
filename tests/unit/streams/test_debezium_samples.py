"""What real records of Debezium 3.7 on PostgreSQL 15 look like, and what the decoder makes of each."""

from datetime import date
from pathlib import Path

import pytest

from models.vocabulary.change import Change, Op, Rejected
from registry.source_mappings import SourceMapping, load
from streams.decode import decode
from streams.event_files import read_events

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "debezium"
PREFIXES = ("popplain", "popschema")  # without and with the schema in every record

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample records in {SAMPLES}")


def mapping(extra: str = "") -> SourceMapping:
    return load(
        f"""
schema: unasked/source@1
id: sample-register
topic: pop.public.resident
table: public.resident
key: person_id
fields:
  name: {{column: name, type: text}}
  id_number: {{column: id_no, type: text}}
  sex: {{column: sex, type: code, values: {{1: "1", 2: "2"}}}}
  birth_date: {{column: birth_date, type: epoch_days}}
  death_date: {{column: death_date, type: epoch_days}}
  status:
    column: residency_status
    type: code
    values: {{REGISTERED: resident, PERMIT: resident, DECEASED: deceased}}
  residence: {{column: residency_status, type: code, values: {{REGISTERED: hukou, PERMIT: permit}}, otherwise: null}}
  district: {{column: district, type: text}}
  household_id: {{column: household_id, type: text}}
  marital: {{column: marital_status, type: code}}
  phone: {{column: phone, type: text}}
  updated_at: {{column: updated_at, type: instant}}
  protected: {{constant: false}}
  {extra}
""",
        name="sample-register.yaml",
    )


def decoded(name: str, extra: str = "") -> list[Change | Rejected | None]:
    return [decode(record=record, mapping=mapping(extra)) for record in read_events(path=SAMPLES / name)]


def changes(name: str, extra: str = "") -> list[Change]:
    return [c for c in decoded(name, extra) if isinstance(c, Change)]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_another_departments_table_needs_a_document_and_no_code(prefix: str) -> None:
    found = {c.key: c for c in changes(f"{prefix}.public.resident.jsonl") if c.op is Op.READ}
    assert found.keys() == {"1", "2", "3"}
    first = found["1"].after
    assert first is not None
    assert (first["birth_date"].earliest, first["sex"], first["residence"]) == (date(1959, 1, 1), "1", "hukou")
    assert (first["household_id"], first["marital"], first["protected"]) == ("9001", "2", False)
    assert all(c.snapshot for c in found.values())


@pytest.mark.parametrize("prefix", PREFIXES)
def test_one_infinite_birth_date_is_refused_and_the_others_are_read(prefix: str) -> None:
    outcomes = decoded(f"{prefix}.public.resident.jsonl")
    (refused,) = (c for c in outcomes if isinstance(c, Rejected))
    assert refused.reason == "impossible_date"
    assert "2146033979" in refused.detail
    assert sum(c is None for c in outcomes) == 2  # the tombstones
    assert sum(isinstance(c, Change) for c in outcomes) == 12


def test_with_and_without_schema_the_changes_are_the_same() -> None:
    plain, wrapped = (
        sorted((c.key, c.op, str(c.after), c.old_key, c.new_key) for c in changes(f"{prefix}.public.resident.jsonl"))
        for prefix in PREFIXES
    )
    assert plain == wrapped


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_changed_primary_key_is_one_person(prefix: str) -> None:
    found = changes(f"{prefix}.public.resident.jsonl")
    (gone,) = (c for c in found if c.key == "4" and c.op is Op.DELETE)
    (come,) = (c for c in found if c.key == "40" and c.op is Op.CREATE)
    assert (gone.new_key, come.old_key) == ("40", "4")
    assert gone.lsn == come.lsn
    (later,) = (c for c in found if c.key == "40" and c.op is Op.DELETE)
    assert later.new_key is None


@pytest.mark.parametrize("prefix", PREFIXES)
def test_updates_are_ordered_by_the_log_position_of_the_source(prefix: str) -> None:
    of_three = [c for c in changes(f"{prefix}.public.resident.jsonl") if c.key == "3"]
    assert [c.lsn for c in of_three] == sorted(c.lsn or 0 for c in of_three)
    last = of_three[-1].after
    assert last is not None
    assert (last["status"], last["residence"], last["death_date"].text) == ("deceased", None, "2026-11-20")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_column_added_in_flight_is_ignored_until_it_is_mapped(prefix: str) -> None:
    name = f"{prefix}.public.resident.jsonl"
    (unmapped,) = (c for c in changes(name) if c.key == "5")
    assert unmapped.after is not None
    assert "disability" not in unmapped.after
    grown = changes(name, "disability: {column: disability_level, type: code}")
    assert [c.after["disability"] for c in grown if c.after and "disability" in c.after] == ["2"]


def test_the_default_replica_identity_shows_no_false_person_and_destroys_no_long_column() -> None:
    created, updated, deleted = changes("replica-identity-default.jsonl", "address: {column: dossier, type: text}")
    assert created.after is not None
    assert updated.after is not None
    assert (updated.unavailable, "address" in updated.after) == ({"address"}, False)
    assert updated.after["district"] == "310104"
    assert (deleted.op, deleted.after) == (Op.DELETE, None)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", ["{}.transaction.jsonl", "{}.message.jsonl", "__debezium-heartbeat.{}.jsonl"])
def test_what_is_not_about_a_row_is_skipped(prefix: str, name: str) -> None:
    outcomes = decoded(name.format(prefix))
    assert outcomes
    assert set(outcomes) == {None}
