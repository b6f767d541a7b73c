"""Identity: one person through all keys, whatever becomes of the keys, and nobody else's records."""

import json
from dataclasses import replace

import pytest

from models.tables import key_change, resident
from registry.source_mappings import RESIDENT
from streams.records import RawRecord
from tests.integration.city import City
from tests.integration.documents import document
from tests.integration.edge_cases.card_days import open_card

CHILD = document(
    id="child",
    when="age(birth_date) < 18",
    anchor="birth_date",
    plan=("{step: tell, at: 0d, notify: {to: guardian, template: newborn-visit-notice, channels: [sms]}}",),
    late="run",
)


@pytest.mark.parametrize("first", ["old key", "new key"])
@pytest.mark.parametrize("apart", [False, True])
def test_i4_a_changed_key_is_one_person_whichever_half_comes_first(city: City, first: str, apart: bool) -> None:
    open_card(city, "an", upto="2026-01-12")
    identity = city.occurrence_lines("an")[0]["occurrence_id"]
    halves = city.rekey("an", "an-new")
    one, two = halves if first == "old key" else halves[::-1]
    city.feed(one)
    if apart:
        city.close()
    city.feed(two)
    city.close_until("2026-01-20")
    assert [r["resident_id"] for r in city.table(resident)] == ["an-new"]
    assert [o["occurrence_id"] for o in city.occurrence_lines("an-new")] == [identity]
    assert city.due() == ["card 2026-01-20 fulfilled"]
    assert [t["step"] for t in city.task_lines()] == ["prepare", "card"]
    city.change("an-new", status="moved_out")
    city.close()
    assert {(r["resident_id"], r["what"]) for r in city.table(key_change)} == {("an", "gone"), ("an-new", "came")}


def _handed_on(city: City) -> tuple[RawRecord, ...]:
    """Return the halves by which Bo gets the key "cy", and An, born a year earlier, the key "bo"."""
    city.lives("an", "1961-01-20")
    city.lives("bo", "1962-01-20")
    return *city.rekey("bo", "cy"), *city.rekey("an", "bo")


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("taken_first", [True, False])
def test_i4_keys_that_are_handed_on_stay_with_their_people(city: City, together: bool, taken_first: bool) -> None:
    bo_gone, bo_new, an_gone, an_new = _handed_on(city)
    # Of different keys, so of different partitions: the halves under "cy" and under "bo" may come in either order.
    order = (bo_gone, an_gone, an_new, bo_new) if taken_first else (bo_gone, bo_new, an_gone, an_new)
    again = city.record("cy", "u", city.rows["cy"] | {"district": "440304"})
    for batch in [(*order, again)] if together else [(one,) for one in (*order, again)]:
        city.feed(*batch)
    found = {r["lineage"]: (r["resident_id"], str(r["birth_earliest"])) for r in city.table(resident)}
    assert found == {"an": ("bo", "1961-01-20"), "bo": ("cy", "1962-01-20")}


def test_i4_a_half_that_comes_two_changes_early_is_reported_once_the_other_names_somebody_else(city: City) -> None:
    city.lives("an", "1961-01-20")
    city.lives("bo", "1962-01-20")
    an_gone, an_new = city.rekey("an", "di")
    bo_gone, bo_new = city.rekey("bo", "an")
    gone_again, new_again = city.rekey("an", "cy")
    city.feed(new_again)
    city.feed(an_gone, bo_new, gone_again)
    city.feed(bo_gone, an_new)
    city.close_until("2026-01-10")
    assert [(t["resident_id"], t["step"], t["state"]) for t in city.task_lines()] == [("cy", "rekey", "done")]


def _spoilt(record: RawRecord) -> RawRecord:
    value = json.loads(record.value or b"{}")
    value["after"]["birth_date"] = "no date"
    return record._replace(value=json.dumps(value).encode())


def _at(record: RawRecord, *, ts_ms: int, lsn: int | None) -> RawRecord:
    value = json.loads(record.value or b"{}")
    value["source"] = {"ts_ms": ts_ms} | ({} if lsn is None else {"lsn": lsn})
    return record._replace(value=json.dumps(value).encode())


def test_i4_who_changes_before_the_new_half_is_mended_is_still_one_person(city: City) -> None:
    open_card(city, "an", upto="2026-01-12")
    gone, new = city.rekey("an", "an-new")
    city.feed(gone, _spoilt(new))
    city.change("an-new", district="440304")
    city.close_until("2026-01-20")
    city.feed(new)
    assert [(r["resident_id"], r["district"]) for r in city.table(resident)] == [("an-new", "440304")]
    assert city.due() == ["card 2026-01-20 fulfilled"]


def test_i4_a_new_half_that_was_lost_is_mended_as_a_record_of_its_key(city: City) -> None:
    open_card(city, "an", upto="2026-01-12")
    city.feed(city.rekey("an", "an-new")[0])
    # What comparing the source with the books brings, in either order.
    mended, surplus = city.record("an-new", "c", city.rows["an-new"]), city.record("an", "d", None)
    assert city.feed(surplus, mended).applied == 1
    city.close_until("2026-01-20")
    assert [(r["resident_id"], r["in_population"]) for r in city.table(resident)] == [("an-new", True)]
    assert city.due() == ["card 2026-01-20 fulfilled"]


@pytest.mark.parametrize("mended", [True, False])
def test_i4_a_half_that_was_lost_does_not_shift_those_of_the_next_change_between_the_keys(
    city: City, mended: bool
) -> None:
    city.lives("an", "1961-01-20")
    gone, new = city.rekey("an", "bo")
    city.feed(gone, _spoilt(new))
    # Mended or lost like the half: what becomes of the first person under the second key.
    halves = city.rekey("bo", "cy")
    if mended:
        city.feed(*halves)
    city.arrives("an", "1990-05-01")
    city.feed(*city.rekey("an", "bo"))
    city.change("bo", district="440304")
    if mended:
        city.feed(new)
    city.change("bo", district="440305")
    found = {r["resident_id"]: (str(r["birth_earliest"]), r["district"]) for r in city.table(resident)}
    assert found == {"cy" if mended else "an": ("1961-01-20", None), "bo": ("1990-05-01", "440305")}


def test_i4_halves_with_positions_of_their_own_belong_together(city: City) -> None:
    city.lives("an", "1961-01-20")
    gone, _ = city.rekey("an", "an-new")
    new = city.record("an-new", "c", city.rows["an-new"], oldkey=json.dumps({"resident_id": "an"}))
    city.feed(gone, new)
    city.close_until("2026-01-10")
    assert city.tasks() == []


@pytest.mark.parametrize("lsn", [True, False])
@pytest.mark.parametrize("together", [True, False])
def test_i4_the_clock_of_the_source_does_not_order_what_becomes_of_a_key(city: City, lsn: bool, together: bool) -> None:
    bo_gone, bo_new, an_gone, an_new = _handed_on(city)
    noon = 1_767_240_000_000
    order = (bo_gone, bo_new, an_gone, an_new) if together else (bo_gone, an_new, an_gone, bo_new)
    for number, record in enumerate(order):
        # It stands still, and goes back where the log has positions.
        city.feed(_at(record, ts_ms=noon - number * lsn, lsn=record.offset if lsn else None))
    city.feed(_at(city.record("bo", "u", city.rows["bo"]), ts_ms=noon + 1000, lsn=city.lsn if lsn else None))
    found = {r["resident_id"]: str(r["birth_earliest"]) for r in city.table(resident)}
    assert found == {"bo": "1961-01-20", "cy": "1962-01-20"}


def test_i4_back_and_forth_between_two_keys_is_one_person(city: City) -> None:
    city.lives("an", "1961-01-20")
    for old, new in (("an", "bo"), ("bo", "an"), ("an", "bo")):
        city.feed(*city.rekey(old, new))
    city.change("bo", district="440304")
    assert [(r["lineage"], r["resident_id"]) for r in city.table(resident)] == [("an", "bo")]
    assert city.again().applied == 0


def test_i4_a_restored_source_forgets_that_a_key_was_given_up(city: City) -> None:
    city.lives("an", "1961-01-20")
    before = dict(city.rows)
    city.feed(*city.rekey("an", "di"))
    city.mapping, city.rows = replace(RESIDENT, epoch=1), before
    city.change("an", district="440304")
    assert [(r["lineage"], r["resident_id"]) for r in city.table(resident)] == [("an", "an")]


def test_i4_who_a_guardian_was_is_known_after_somebody_new_got_the_key(city: City) -> None:
    city.publish(CHILD)
    city.lives("an", "1980-01-20")
    city.born("wei", "an")
    city.close_until("2026-01-06")
    city.feed(*city.rekey("an", "an-new"))
    city.change("wei", guardian_id="an-new")
    city.arrives("an", "1990-05-01")
    assert [n["step"] for n in city.notice_lines()] == ["tell"]
    assert city.differences() == []


def test_i4_a_key_that_was_given_up_and_comes_again_is_somebody_new(city: City) -> None:
    open_card(city, "an", upto="2026-01-12")
    city.feed(*city.rekey("an", "an-new"))
    city.arrives("an", "1990-05-01")
    city.dies("an", "2026-01-13")
    city.close_until("2026-01-20")
    assert city.due("an-new") == ["card 2026-01-20 fulfilled"]
    found = {r["resident_id"]: str(r["birth_earliest"]) for r in city.table(resident)}
    assert found == {"an": "1990-05-01", "an-new": "1961-01-20"}


@pytest.mark.parametrize("half", [0, 1])
def test_i4_half_a_key_change_is_given_to_a_person_after_seven_days(city: City, half: int) -> None:
    open_card(city, "an", upto="2026-01-12")
    city.feed(city.rekey("an", "an-new")[half])
    city.close_until("2026-01-19")
    assert "rekey" not in [t["step"] for t in city.task_lines()]
    city.close()
    assert [t for t in city.tasks() if "rekey" in t] == ["2026-01-20 rekey done"]
    assert city.due() == ["card 2026-01-20 fulfilled"]
