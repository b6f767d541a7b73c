"""Which change of an instant is a repeat, and which is news."""

from datetime import date

import pytest

from models.sealing import Keyring
from models.vocabulary.change import Change, Op
from models.vocabulary.timeline import Timeline
from registry.golden_record import Known, digest, extend, is_old, next_version

KEYRING = Keyring(newest="k", masters={"k": bytes(32)})
FIRST = Change(
    key="an", op=Op.CREATE, after={"name": "王", "district": "440304"}, ts_ms=1_700_000_000_000, source="t:1"
)


def recorded(*changes: Change) -> Timeline | None:
    timeline, day = None, date(2026, 3, 1)
    known = Known(valid_from=day, known_on=day, swept_on=day, book=1)
    for change in changes:
        version, _ = next_version(change, timeline, known, digest(change, KEYRING))
        timeline = extend(timeline, change.key, version)
    return timeline


def old(change: Change, *before: Change) -> bool:
    return is_old(change, recorded(*before), digest(change, KEYRING))


@pytest.mark.parametrize("facts", [{"district": "440305"}, {"name": "汪"}, {"phone": "13800000000"}])
def test_of_one_instant_without_positions_whatever_differs_is_news_and_the_same_again_is_a_repeat(
    facts: dict[str, str],
) -> None:
    second = FIRST._replace(op=Op.UPDATE, after={"name": "王", "district": "440304"} | facts)
    assert not old(second, FIRST)
    assert old(FIRST, FIRST, second)
    assert old(second, FIRST, second)


def test_with_positions_the_position_alone_decides() -> None:
    first = FIRST._replace(lsn=7)
    assert old(first._replace(after={"name": "汪"}), first)
    assert not old(first._replace(lsn=8), first)


def test_a_position_is_known_again_after_a_change_of_the_same_instant_that_has_none() -> None:
    first, second = FIRST._replace(lsn=7), FIRST._replace(after={"name": "汪"})
    assert old(first, first, second)
    assert not old(first._replace(lsn=8), first, second)


def test_a_digest_tells_nobody_a_name_and_is_another_one_under_another_key() -> None:
    other = Keyring(newest="k", masters={"k": bytes(31) + b"x"})
    assert digest(FIRST, KEYRING) != digest(FIRST, other)


def test_a_change_with_a_position_needs_no_digest() -> None:
    assert digest(FIRST._replace(lsn=7), KEYRING) == b""


def test_digests_that_are_stored_are_still_those_of_their_changes() -> None:
    assert digest(FIRST, KEYRING).hex() == "5316645893fc7b60c2335221bae004f6"
