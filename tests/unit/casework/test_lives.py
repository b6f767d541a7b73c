"""Lives that are decided together fare as they do when each is decided alone."""

import random
from datetime import timedelta

from casework.alike import standing_for
from casework.book import Published
from casework.case import Case
from casework.lives import Lives
from casework.outlook import Coming, Window, look_ahead
from rules.document import load
from rules.working_days import ChinaWorkingDays
from tests.integration.documents import document
from tests.integration.triggers.random_registers import random_text
from tests.unit.rules import samples

WINDOW = Window(first=samples.AROUND, last=samples.AROUND + timedelta(days=120))
CARD = document(
    when='age(birth_date) >= 65 && status == "resident" && !has(senior_card_on)',
    plan=(
        "{step: prepare, at: -30d, task: {department: civil-affairs, kind: verify, due: 10d}}",
        "{step: card, at: 0d, issue: {licence: senior-card}, task: {department: post, kind: mail, due: 0d}}",
        "{step: ask, at: 2w, task: {department: post, kind: ask, due: 3d}, needs: [card]}",
    ),
)
PLAIN = {"status": "resident", "in_population": True, "senior_card_on": None}
PLAIN |= dict.fromkeys(("death_date", "death_earliest", "death_latest"))


def _coming(texts: list[str]) -> Coming:
    chain = tuple(
        Published(
            trigger=load(text, name="test"),
            version=number,
            published_on=WINDOW.first - timedelta(days=60 * (len(texts) - number)),
            seq=number,
        )
        for number, text in enumerate(texts, start=1)
    )
    return Coming(chain=chain, window=WINDOW, working=ChinaWorkingDays({}))


def _compared(rnd: random.Random, texts: list[str], people: int) -> tuple[int, int]:
    """Ask about random people together and alone; return how many something begins for, and how many were decided."""
    coming = [_coming(texts), _coming(texts[:1])]
    lives, begun = Lives(coming=coming), 0
    for _ in range(people):
        facts = samples.row(rnd)
        if rnd.random() < 0.7:
            facts |= PLAIN
            born = samples.AROUND - timedelta(days=rnd.choice([60, 65]) * 365 + 16 - rnd.randint(-20, 200))
            facts |= {"birth_date": str(born), "birth_earliest": born, "birth_latest": born}
        timeline = standing_for(facts)
        alone = [look_ahead(case=Case(lineage="-"), timeline=timeline, coming=one) for one in coming]
        assert lives.look(timeline) == alone
        begun += any(outlook.moments for outlook in alone)
    return begun, len(lives._known)


def test_random_plans_begin_the_same_work_on_the_same_days():
    rnd = random.Random(3)
    begun = sum(_compared(rnd, [random_text(rnd), random_text(rnd)], 40)[0] for _ in range(15))
    assert begun > 20  # the sample is not idle


def test_an_edit_of_the_age_is_decided_for_a_few_and_right_for_all():
    rnd = random.Random(4)
    begun, decided = _compared(rnd, [CARD, CARD.replace(">= 65", ">= 60")], 400)
    assert begun > 150
    assert decided < begun
