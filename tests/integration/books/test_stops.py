"""What an operator stops: whether somebody is looked at meanwhile makes no difference to the books."""

import pytest

from models.database import transaction
from models.tables import step
from models.vocabulary.change import Op
from models.vocabulary.states import Reason, Result
from tests.integration.books.town import Town, document

DUE = {"birth_date": "1959-02-28", "residence": "permit", "status": "resident"}


@pytest.fixture
def town(tmp_path):
    """A town in which the card of one resident waits for the department's answer, and the trigger is then stopped."""
    made = Town(tmp_path)
    made.pass_days(1)
    made.send("p3", Op.CREATE, DUE)
    made.publish(document(when='age(birth_date) >= 64 && status == "resident"', late="run"))
    made.pass_days(5)
    made.operate("stop")
    yield made
    made.engine.dispose()


def waits_for(town: Town) -> Reason | None:
    """Why the card's step waits."""
    with transaction(town.engine) as db:
        return db.execute(step.select().where(step.c.step == "card")).mappings().one()["reason"]


def test_a_step_that_waits_for_an_answer_waits_for_it_during_a_stop_too(town):
    town.look_at("p3")
    assert waits_for(town) == Reason.NEEDS
    # The publication makes the recomputation look at the next close, at which the engine has no reason to look.
    town.publish(document(when='age(birth_date) >= 65 && status == "resident"', late="skip"))
    town.pass_days(1)
    assert town.differences() == []


def test_once_the_answer_has_come_it_waits_for_the_stop_and_then_runs(town):
    town.answer(0, Result.FAVOURABLE)
    assert waits_for(town) == Reason.PAUSED
    town.pass_days(1)
    town.operate("go on")
    assert waits_for(town) is None
    town.pass_days(1)
    assert town.differences() == []
