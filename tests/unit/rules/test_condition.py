from rules.ast import And, Present, atoms
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.parse import parse


def test_a_condition_asks_first_whether_the_resident_is_present():
    condition = Condition(node=parse("protected"))
    assert condition.full == And(items=(Present(), parse("protected")))
    assert [path for path, _ in atoms(condition.full)] == ["0.0", "0.1"]


def test_presence_depends_on_survivors_and_on_whether_the_status_is_mentioned():
    assert Condition(node=parse("protected"), survivors=True).presence == Present(survivors=True)
    assert Condition(node=parse('!(status == "merged")')).presence == Present(mentions_status=True)
    assert Condition(node=parse("protected"), bare=True).presence is None


def test_equal_texts_make_equal_conditions_wherever_they_stand():
    one, other = Condition(node=parse("protected")), Condition(node=parse("  (protected == true)"))
    assert one == other
    assert hash(one) == hash(other)
    assert one.digest == other.digest


def test_the_digest_changes_with_whatever_may_change_a_verdict():
    node = parse("age(birth_date) >= 65")
    digests = {
        Condition(node=node).digest,
        Condition(node=parse("age(birth_date) >= 66")).digest,
        Condition(node=node, leap_day=LeapDay.MAR1).digest,
        Condition(node=node, survivors=True).digest,
        Condition(node=node, bare=True).digest,
    }
    assert len(digests) == 5


def test_only_the_tests_that_move_with_the_day_are_listed_as_moving():
    columns = {test.column for test in Condition(node=parse("age(birth_date) >= 65 && has(hukou_on)")).moving}
    assert columns == {"birth_earliest", "birth_latest", "death_earliest"}
    assert Condition(node=parse('hukou_on < date("2026-03-01")'), bare=True).moving == ()
