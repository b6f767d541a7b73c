import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from models.tables import notification
from notifiers.recording import insistently
from tests.integration.notifiers.outbox_kit import states
from tests.unit.notifiers.post_kit import outbox_row


class Lost(Exception):
    """What the driver says when another transaction won."""

    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def _losing(times, sqlstate):
    left = [times]

    def work(db):
        db.execute(notification.insert(), [outbox_row(1)])
        if left[0]:
            left[0] -= 1
            raise OperationalError("UPDATE", {}, Lost(sqlstate))
        return "done"

    return work


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_work_that_lost_against_another_transaction_comes_again_from_the_start(engine, sqlstate):
    assert insistently(engine=engine, work=_losing(4, sqlstate)) == "done"
    assert states(engine) == {"planned": 1}


def test_work_that_always_loses_gives_up(engine):
    with pytest.raises(OperationalError):
        insistently(engine=engine, work=_losing(5, "40P01"))
    assert states(engine) == {}


def test_any_other_error_of_the_database_is_raised_at_once(engine):
    with pytest.raises(OperationalError):
        insistently(engine=engine, work=_losing(1, "53300"))


def test_an_error_of_ours_is_raised_at_once(engine):
    with pytest.raises((OperationalError, ProgrammingError)):
        insistently(engine=engine, work=lambda db: db.execute(text("SELECT nothing FROM nowhere")))
