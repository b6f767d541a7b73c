"""A message that comes back after its occurrence was withdrawn: whether somebody looks then makes no difference."""

import pytest

from casework.closing import settle
from models.database import transaction
from models.tables import notification, step
from models.turns import Turn, What
from models.vocabulary.change import Op
from models.vocabulary.states import NotificationState, StepState
from tests.integration.books.town import Town, document

DUE = {"birth_date": "1959-02-28", "residence": "permit", "status": "resident"}
WHEN = 'age(birth_date) >= 64 && status == "resident"'


@pytest.fixture
def town(tmp_path):
    """A town whose only resident got the card by post and was annulled the same evening; then the post came back."""
    made = Town(tmp_path)
    made.pass_days(1)
    made.publish(document(when=WHEN, backlog="all"))
    made.send("p2", Op.CREATE, DUE)
    made.tick(19)
    made.deliver()
    made.send("p2", Op.DELETE, None, 23)
    made.pass_days(31)
    made.bounce()
    yield made
    made.engine.dispose()


def states(town: Town) -> list[tuple[str, str]]:
    """How the card's step and its message stand."""
    with transaction(town.engine) as db:
        steps = db.execute(step.select().where(step.c.step == "card")).mappings()
        sent = db.execute(notification.select().where(notification.c.step == "card")).mappings()
        return [("step", row["state"]) for row in steps] + [("message", row["state"]) for row in sent]


def test_what_was_done_before_the_withdrawal_stays_done_whoever_looks_later(town):
    came_back = [("step", StepState.DISPATCHED), ("message", NotificationState.FAILED)]
    assert states(town) == came_back
    with transaction(town.engine) as db:
        settle(lineages=["p2"], turn=Turn(db=db, on=town.today, what=What.CLOSE), desk=town.desk, run=True)
    assert states(town) == came_back


def test_a_publication_and_a_close_after_it_leave_the_books_as_a_recomputation_has_them(town):
    town.publish(document(when=WHEN, backlog="all"))
    town.pass_days(5)
    town.publish(document(when='age(birth_date) >= 65 && status == "resident"', once="year"))
    town.pass_days(1)
    assert town.differences() == []
