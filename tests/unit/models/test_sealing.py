"""Personal identifiers at rest: sealed for one person and one place, found again by a keyed fingerprint."""

import pytest

from models.sealing import Keyring, SealError, new_salt

OLD, NEW = bytes(32), bytes(range(32))
BEFORE = Keyring(newest="2026a", masters={"2026a": OLD})
AFTER = Keyring(newest="2026b", masters={"2026a": OLD, "2026b": NEW})


def test_a_value_opens_with_the_key_and_at_the_place_that_it_was_sealed_for() -> None:
    salt = new_salt()
    sealed = BEFORE.person(key_id="2026a", salt=salt).seal(value=b"Wang Fang", place="r1/name")
    assert AFTER.person(key_id="2026a", salt=salt).open(sealed=sealed, place="r1/name") == b"Wang Fang"
    with pytest.raises(SealError, match="r2/name"):
        AFTER.person(key_id="2026a", salt=salt).open(sealed=sealed, place="r2/name")
    with pytest.raises(SealError):
        AFTER.person(key_id="2026a", salt=new_salt()).open(sealed=sealed, place="r1/name")


def test_the_same_value_is_sealed_differently_each_time_and_has_one_fingerprint() -> None:
    seal = BEFORE.person(key_id="2026a", salt=new_salt())
    assert seal.seal(value=b"x", place="p") != seal.seal(value=b"x", place="p")
    prints = {BEFORE.blind_index(field="phone", value="1380000") for _ in range(3)}
    assert len(prints) == 1
    assert BEFORE.blind_index(field="id_number", value="1380000") not in prints


def test_what_is_stored_still_opens_and_is_still_found() -> None:
    # HMAC-SHA-256 and AES-256-GCM of Python's hmac and of cryptography, written down once.
    sealed = bytes.fromhex("00000000000000000000000064e397fc4c46475a9f97087cf3bfe0af6ac6e2202292197bf4")
    assert BEFORE.person(key_id="2026a", salt=bytes(range(16))).open(sealed=sealed, place="r1/name") == b"Wang Fang"
    assert BEFORE.blind_index(field="phone", value="1380000").hex() == "86d71800a9b653e7e975eb408ee35629"


def test_after_a_change_of_keys_a_value_is_looked_up_under_every_key() -> None:
    (before,) = BEFORE.blind_indexes(field="phone", value="1380000")
    assert AFTER.blind_indexes(field="phone", value="1380000") == [
        AFTER.blind_index(field="phone", value="1380000"),
        before,
    ]


def test_a_key_that_is_not_in_the_ring_is_named_and_no_secret_is_shown() -> None:
    with pytest.raises(SealError, match="'2026b' is not in the key ring; add it to UNASKED_KEYS"):
        BEFORE.person(key_id="2026b", salt=new_salt())
    assert "masters" not in repr(AFTER)
