"""What a change leaves alone keeps its ciphertext; what is stored opens to what was sent last."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.fields import INDEXED_FIELDS, PERSONAL_FIELDS, PERSONAL_INDEX, SEALED_COLUMNS
from models.sealing import Keyring, PersonSeal
from models.vocabulary.change import Change, Op
from registry.golden_record import seal

OLD = Keyring(newest="a", masters={"a": bytes(32)})
NEW = Keyring(newest="b", masters={"a": bytes(32), "b": bytes(range(32))})
PERSON = OLD.person(key_id="a", salt=bytes(16))
NOTHING: Mapping[str, Any] = dict.fromkeys(SEALED_COLUMNS)
WANG: dict[str, Any] = {
    "name": "王芳",
    "id_number": "449900196101200022",
    "phone": "13800000000",
    "email": None,
    "address": "福田",
}


def after(row: Mapping[str, Any] | None, stored: Mapping[str, Any] = NOTHING, **more: Any) -> Mapping[str, Any]:
    """Return what is sealed after a change; `keyring` and `unavailable` as they are then."""
    keyring = more.pop("keyring", OLD)
    op = Op.DELETE if row is None else Op.UPDATE
    change = Change(key="an", op=op, after=None if row is None else dict(row), ts_ms=0, source="t:1", **more)
    return seal(change, "an", stored, lambda _lineage: PERSON, keyring)


def opened(sealed: Mapping[str, Any], person: PersonSeal = PERSON) -> dict[str, str | None]:
    """Return the personal values."""
    return {
        name: person.open(sealed=sealed[name], place=f"an/{name}").decode() if sealed[name] else None
        for name in PERSONAL_FIELDS
    }


def test_a_change_with_the_same_personal_values_seals_nothing() -> None:
    stored = after(WANG)
    assert opened(stored) == WANG
    assert after(WANG | {"district": "440304"}, stored) is stored


def test_another_address_leaves_the_ciphertexts_of_what_has_an_index() -> None:
    stored = after(WANG)
    moved = after(WANG | {"address": "南山"}, stored)
    assert opened(moved) == WANG | {"address": "南山"}
    kept = {name for name in SEALED_COLUMNS if moved[name] == stored[name]}
    assert kept >= {"id_number", "phone", "email", "id_number_index", "phone_index", "email_index"}
    assert PERSONAL_INDEX not in kept


def test_under_another_key_the_indexes_are_made_anew() -> None:
    stored = after(WANG)
    renewed = after(WANG, stored, keyring=NEW)
    assert opened(renewed) == WANG
    assert renewed["phone_index"] == NEW.blind_index(field="phone", value="13800000000") != stored["phone_index"]


value = st.sampled_from([None, "", "a", "b", '","', "\x1f"])
rows = st.dictionaries(st.sampled_from(PERSONAL_FIELDS), value)
changes = st.lists(st.one_of(st.none(), st.tuples(rows, st.frozensets(st.sampled_from(PERSONAL_FIELDS)))), max_size=8)


@given(changes=changes)
def test_whatever_changes_send_what_is_stored_is_what_was_sent_last(
    changes: list[tuple[dict[str, str | None], frozenset[str]] | None],
) -> None:
    stored, expected = NOTHING, dict.fromkeys(PERSONAL_FIELDS, "")
    for one in changes:
        row, unavailable = one or (None, frozenset())
        stored = after(row, stored, unavailable=unavailable)
        sent = {name: text or "" for name, text in (row or {}).items() if name not in unavailable}
        expected |= sent
        assert {name: text or "" for name, text in opened(stored).items()} == expected
        for name in INDEXED_FIELDS:
            text = expected[name]
            assert stored[f"{name}_index"] == (OLD.blind_index(field=name, value=text) if text else None)
