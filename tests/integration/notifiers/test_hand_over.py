import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from models.tables import pause
from models.vocabulary.states import NotificationState, Reason
from notifiers.channels.letter import LetterChannel
from notifiers.hand_over import HandedOver, hand_over
from notifiers.message import Medium
from notifiers.post_office import Counter
from notifiers.press import Press
from notifiers.tray import Tray
from tests.integration.notifiers.outbox_kit import attempts, change, deliver, fill, fill_more, row_of, states
from tests.unit.notifiers.post_kit import NOW, TODAY, open_gate, post_office, with_counters

pytest.importorskip("typst")

NEXT_DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def press():
    return Press()


@pytest.fixture
def tray(tmp_path):
    return Tray(folder=tmp_path / "print")


@pytest.fixture
def post(press, tray):
    channel = LetterChannel(press=press, tray=tray)
    counters = {
        "letter": Counter(channel=channel, medium=Medium.LETTER),
        "card": Counter(channel=channel, medium=Medium.CARD),
    }
    return with_counters(post_office(), counters)


def _hand_over(engine, tray, gate=open_gate):
    return hand_over(engine=engine, tray=tray, gate=gate, now=NOW + timedelta(days=1), today=NEXT_DAY)


def _files(tray, place):
    return sorted(path.name for path in (tray.folder / place).glob("*.pdf"))


def test_letters_and_cards_wait_in_the_tray_and_are_sent_when_they_are_handed_over(engine, tray, post):
    fill(engine, channel="letter")
    fill_more(engine, 2, channel="card", template="senior-card")
    assert deliver(engine, post).held == 2
    assert states(engine) == {"planned": 2}
    assert deliver(engine, post).claimed == 0
    assert _hand_over(engine, tray) == HandedOver(handed=2)
    assert states(engine) == {"sent": 2}
    assert row_of(engine)["state_on"] == NEXT_DAY
    assert len(_files(tray, "handed/2026-03-02")) == 2
    assert tray.waiting() == []


def test_a_death_since_printing_recalls_the_letter(engine, tray, post):
    ids = fill(engine, 2, channel="letter")
    deliver(engine, post)
    dead = {ids[0]: (NotificationState.WITHDRAWN, Reason.DECEASED)}
    assert _hand_over(engine, tray, lambda *, db, rows, today: dead) == HandedOver(handed=1, recalled=1)
    assert (row_of(engine)["state"], row_of(engine)["reason"], row_of(engine)["state_on"]) == (
        "withdrawn",
        "deceased",
        NEXT_DAY,
    )
    assert attempts(engine) == [("letter", 1, "failed")]
    assert (len(_files(tray, "recalled")), len(_files(tray, "handed/2026-03-02"))) == (1, 1)


def test_a_letter_that_casework_withdrew_is_recalled(engine, tray, post):
    fill(engine, channel="letter")
    deliver(engine, post)
    change(engine, state="withdrawn", reason="moved_out")
    assert _hand_over(engine, tray) == HandedOver(recalled=1)
    assert row_of(engine)["state"] == "withdrawn"


def test_a_withdrawn_letter_that_revives_is_printed_anew(engine, tray, post):
    fill(engine, channel="letter")
    deliver(engine, post)
    change(engine, state="withdrawn", reason="moved_out")
    _hand_over(engine, tray)
    change(engine, state="planned", reason=None)
    assert deliver(engine, post).held == 1
    assert _hand_over(engine, tray).handed == 1
    assert attempts(engine) == [("letter", 1, "failed"), ("letter", 2, "accepted")]


def test_a_letter_whose_facts_changed_is_replaced_by_a_new_print(engine, tray, post):
    fill(engine, channel="letter")
    deliver(engine, post)
    change(engine, moment=date(2026, 4, 30))
    assert deliver(engine, post).held == 1
    assert len(tray.waiting()) == 2
    assert _hand_over(engine, tray) == HandedOver(handed=1, recalled=1)
    assert states(engine) == {"sent": 1}


def test_a_letter_whose_facts_changed_is_not_handed_over_before_it_is_printed_anew(engine, tray, post):
    fill(engine, channel="letter")
    deliver(engine, post)
    change(engine, moment=date(2026, 4, 30))
    assert _hand_over(engine, tray) == HandedOver(recalled=1)
    assert row_of(engine)["state"] == "planned"
    assert deliver(engine, post).held == 1
    assert _hand_over(engine, tray) == HandedOver(handed=1)


def test_a_crash_between_the_decision_and_the_files_is_mended_by_the_next_run(engine, tray, post, monkeypatch):
    ids = fill(engine, 2, channel="letter")
    deliver(engine, post)
    dead = {ids[0]: (NotificationState.WITHDRAWN, Reason.DECEASED)}

    def refuse(self, *, attempt_id):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(Tray, "recall", refuse)
        _hand_over(engine, tray, lambda *, db, rows, today: dead)
    assert states(engine) == {"withdrawn": 1, "sent": 1}
    _hand_over(engine, tray)
    assert (len(_files(tray, "recalled")), len(_files(tray, "handed/2026-03-02"))) == (1, 1)


def test_a_letter_lost_from_the_folder_is_printed_again(engine, tray, post):
    fill(engine, channel="letter")
    deliver(engine, post)
    for path in (tray.folder / "waiting").iterdir():
        path.unlink()
    assert _hand_over(engine, tray) == HandedOver(lost=1)
    assert deliver(engine, post, now=NOW + timedelta(days=1)).held == 1
    assert _hand_over(engine, tray).handed == 1


def test_a_paused_channel_keeps_its_letters(engine, tray, post):
    fill(engine, channel="letter")
    deliver(engine, post)
    with engine.begin() as db:
        db.execute(pause.insert(), [{"subject": "letter", "since": TODAY, "place": 1}])
    assert _hand_over(engine, tray) == HandedOver()
    assert len(tray.waiting()) == 1


def test_a_file_that_is_not_ours_is_left_alone(engine, tray, post):
    tray.put(attempt_id="stranger", pdf=b"x")
    assert _hand_over(engine, tray) == HandedOver()
    assert tray.waiting() == ["stranger"]


def test_handing_over_twice_changes_nothing(engine, tray, post):
    fill(engine, channel="letter")
    deliver(engine, post)
    assert _hand_over(engine, tray).handed == 1
    assert _hand_over(engine, tray) == HandedOver()


def _somebody_waits(engine):
    with engine.connect() as db:
        return db.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one() > 0


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_two_processes_that_hand_over_at_once_decide_about_a_letter_once(engine, tray, post):
    fill(engine, 2, channel="letter")
    assert deliver(engine, post).held == 2
    looked = []

    def slow_gate(*, db, rows, today):
        looked.append(len(rows))
        deadline = time.monotonic() + 30
        while not _somebody_waits(engine) and time.monotonic() < deadline:
            time.sleep(0.01)
        return {}

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_hand_over, engine, tray, slow_gate)
        while not looked:
            time.sleep(0.01)
        second = pool.submit(_hand_over, engine, tray)
        done = [first.result(60), second.result(60)]
    assert looked == [2]
    assert all(counted.recalled == 0 for counted in done)
    assert states(engine) == {"sent": 2}
    assert [attempts(engine, number) for number in (1, 2)] == [[("letter", 1, "accepted")]] * 2
    assert (len(_files(tray, "handed/2026-03-02")), _files(tray, "recalled")) == (2, [])
