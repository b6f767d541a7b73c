"""A message that comes back after its work was stopped: it is not done, and nothing of it begins anew."""

import pytest

from models.database import transaction
from models.tables import notification, step
from models.vocabulary.change import Op
from models.vocabulary.states import NotificationState, StepState
from tests.integration.books.town import Town, document

DUE = {"birth_date": "1959-02-28", "residence": "permit", "status": "resident"}
WHEN = 'age(birth_date) >= 64 && status == "resident"'


@pytest.fixture
def town(tmp_path):
    """A town whose only resident has just got everything by post."""
    made = Town(tmp_path)
    made.pass_days(1)
    made.publish(document(when=WHEN, backlog="all", late="run"))
    made.send("p2", Op.CREATE, DUE)
    made.tick(19)
    made.deliver()
    yield made
    made.engine.dispose()


def stands(town: Town, name: str) -> tuple[str, str, str]:
    """How a step stands: its state, that of its message, and the channel."""
    with transaction(town.engine) as db:
        ran = db.execute(step.select().where(step.c.step == name)).mappings().one()
        sent = db.execute(notification.select().where(notification.c.step == name)).mappings().one()
        return ran["state"], sent["state"], sent["channel"]


def test_after_an_annulment_it_counts_as_withdrawn_at_once_whoever_looks_later(town):
    town.send("p2", Op.DELETE, None, 23)
    town.pass_days(31)
    assert stands(town, "contact") == (StepState.DISPATCHED, NotificationState.SENT, "sms")
    town.bounce()
    came_back = (StepState.WITHDRAWN, NotificationState.WITHDRAWN, "letter")
    assert stands(town, "contact") == came_back
    town.look_at("p2")
    assert stands(town, "contact") == came_back
    town.publish(document(when=WHEN, backlog="all"))
    town.pass_days(5)
    assert town.differences() == []


def test_after_a_recall_it_does_not_go_by_the_next_channel(town):
    assert stands(town, "contact") == (StepState.DISPATCHED, NotificationState.SENT, "sms")
    town.operate("take back")
    town.bounce()
    assert stands(town, "contact") == (StepState.WITHDRAWN, NotificationState.WITHDRAWN, "letter")
    town.deliver()
    assert stands(town, "contact")[1] == NotificationState.WITHDRAWN
    town.pass_days(1)
    assert town.differences() == []
