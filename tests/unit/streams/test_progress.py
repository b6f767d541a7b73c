from datetime import date

from casework.ledger import Place
from streams.progress import Committed, Progress
from streams.watchdog import Patience, Watchdog, complaint

HERE = ("t", 0)


class Stopwatch:
    """A time that only moves when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def committed(upto: int) -> Committed:
    return Committed(
        place=Place(broker="b", topic="t", partition=0),
        next=upto,
        records=3,
        rejected=1,
        missing=2,
        known_on=date(2026, 1, 1),
        result=None,
    )


def test_the_lag_is_what_lies_between_ledger_and_end() -> None:
    progress = Progress()
    progress.assigned({HERE: 5})
    assert progress.view().lag == {HERE: 0}
    progress.ends({HERE: 20, ("t", 9): 7})
    assert progress.view().lag == {HERE: 15}
    progress.committed(committed(12))
    view = progress.view()
    assert view.lag == {HERE: 8}
    assert (view.records, view.rejected, view.batches, view.missing) == (3, 1, 1, 2)


def test_partitions_that_were_lost_have_no_lag() -> None:
    progress = Progress()
    progress.assigned({HERE: 0, ("t", 1): 0})
    progress.ends({HERE: 9, ("t", 1): 9})
    progress.assigned({("t", 1): 0})
    assert progress.view().lag == {("t", 1): 9}
    progress.committed(committed(9))
    assert progress.positions() == {("t", 1): 0}


def test_an_idle_worker_is_well_however_long_nothing_comes() -> None:
    clock = Stopwatch()
    progress = Progress(monotonic=clock)
    progress.assigned({HERE: 5})
    clock.seconds = 1000.0
    progress.tick()
    progress.ends({HERE: 5})
    assert complaint(progress.view(), Patience()) is None
    # What arrives now has the whole patience, not what idleness left of it.
    progress.ends({HERE: 6})
    assert complaint(progress.view(), Patience()) is None


def test_a_worker_whose_records_wait_too_long_is_stuck() -> None:
    clock = Stopwatch()
    progress = Progress(monotonic=clock)
    progress.assigned({HERE: 5})
    progress.ends({HERE: 6})
    for clock.seconds, said in ((59.0, None), (61.0, "no_progress")):
        progress.tick()
        assert complaint(progress.view(), Patience()) == said


def test_a_loop_that_does_not_turn_is_wedged() -> None:
    clock = Stopwatch()
    progress = Progress(monotonic=clock)
    clock.seconds = 16.0
    assert complaint(progress.view(), Patience()) == "loop_wedged"


def test_the_watchdog_bites_once() -> None:
    bitten: list[str] = []
    watchdog = Watchdog(Progress(), Patience(loop=0.02, every=0.005), bite=lambda reason, _view: bitten.append(reason))
    watchdog.start()
    watchdog._thread.join(5)
    assert bitten == ["loop_wedged"]


def test_a_stopped_watchdog_never_bites() -> None:
    bitten: list[str] = []
    watchdog = Watchdog(Progress(), Patience(loop=0.05, every=0.01), bite=lambda reason, _view: bitten.append(reason))
    watchdog.start()
    watchdog.stop()
    watchdog._thread.join(5)
    assert bitten == []
