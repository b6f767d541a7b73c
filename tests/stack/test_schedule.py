"""A failing schedule is repeated from its text and becomes as short as it can."""

from tests.stack.schedule import Blow, shortest, thrown

_TARGETS = ("worker-1", "clock-1", "books", "line-to-books:cut")


def test_a_schedule_is_the_same_for_the_same_seed_and_is_read_again_from_its_text() -> None:
    blows = thrown(7, _TARGETS, 10)
    assert blows == thrown(7, _TARGETS, 10)
    assert [str(Blow.read(str(blow))) for blow in blows] == [str(blow) for blow in blows]
    assert {blow.target for blow in blows[:4]} == set(_TARGETS)


def test_of_forty_blows_the_two_that_fail_together_are_found() -> None:
    blows = thrown(7, _TARGETS, 40)
    guilty = {blows[11], blows[30]}
    tried = 0

    def fails(some: object) -> bool:
        nonlocal tried
        tried += 1
        return guilty <= set(some)  # type: ignore[call-overload]

    assert set(shortest(blows, fails)) == guilty
    assert tried < 60
