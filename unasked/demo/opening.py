"""The register as it stands on the evening before the first day."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from unasked.demo import assumptions
from unasked.demo.ages import structure
from unasked.demo.birthdays import age_on, birth_at_age, birthday
from unasked.demo.households import Household, form
from unasked.demo.identifiers import Numbers
from unasked.demo.people import ADULT, Draft, Entry, Resident, enter
from unasked.demo.places import Places
from unasked.demo.sampling import few, pick, systematic

#: Nobody near their majority has an uncertain birth date, so that it stays clear who needs a guardian.
CLEARLY_MINOR, CLEARLY_ADULT = 16, 20
CARD_AGE = 65


class Opening(NamedTuple):
    """The residents, and the true birth dates of those whose row does not give them."""

    residents: list[Resident]
    truth: dict[str, date]


def populate(rng: Random, numbers: Numbers, places: Places, *, residents: int, start: date) -> Opening:
    """Return that many residents as of the day `start`; ages and sexes follow the published structure."""
    cells = structure()
    chosen = systematic(rng, [cell.share for cell in cells], residents)
    drafts = [Draft(birth_at_age(rng, age=c.age, day=start), c.female, c.age) for c in (cells[i] for i in chosen)]
    _ensure_leapling(drafts, start)
    rng.shuffle(drafts)
    rows: list[Resident] = []
    for household in form(rng, drafts):
        rows.extend(_settled(rng, numbers, places, household, start))
    truth: dict[str, date] = {}
    _blur(rng, rows, truth, start)
    return Opening(rows, truth)


def together(rng: Random, numbers: Numbers, household: Household, entry: Entry) -> list[Resident]:
    """Return the rows of a household, with guardians for its minors and the marital status of its couple."""
    rows: list[Resident] = []
    for draft in household.members:
        child = draft.age < ADULT
        row = enter(rng, numbers, draft, entry, family_name=_family_name(rows) if child else "")
        if child:
            row = row._replace(guardian_id=rows[rng.randrange(household.couple)].resident_id)
        rows.append(row)
    if household.couple == 2:
        rows[:2] = [row._replace(marital=assumptions.MARITAL["married"]) for row in rows[:2]]
    return rows


def _family_name(rows: list[Resident]) -> str:
    fathers = [row for row in rows if not row.female] or rows
    return (fathers[0].name or "")[:1]


def _settled(rng: Random, numbers: Numbers, places: Places, household: Household, start: date) -> list[Resident]:
    kinds = assumptions.DORMITORY_RESIDENCE if household.collective else assumptions.FAMILY_RESIDENCE
    entry = Entry(
        household_id=numbers.household_id(collective=household.collective),
        home=places.settle(rng),
        residence=pick(rng, kinds),
        moved_in_on=start - timedelta(days=1 + int(rng.expovariate(1 / assumptions.TENURE_YEARS) * 365)),
        day=start,
    )
    return [_aged(rng, row, start) for row in together(rng, numbers, household, entry)]


def _aged(rng: Random, row: Resident, start: date) -> Resident:
    """Give the card to those old enough, and a date to the newest entry."""
    born = date.fromisoformat(row.birth_date or "")
    touched = max((start - timedelta(days=2 + int(rng.random() * 400))).isoformat(), row.moved_in_on)
    updated_at = f"{touched}T0{1 + int(rng.random() * 8)}:{10 + int(rng.random() * 50)}:00Z"
    age = age_on(birth=born, day=start)
    held = rng.random() < (assumptions.CARD_FROM_66 if age > CARD_AGE else assumptions.CARD_AT_65)
    if age < CARD_AGE or not held or row.residence == "other":
        return row._replace(updated_at=updated_at)
    # The card used to take three months and a half of forms after the birthday.
    earliest = max(birthday(birth=born, years=CARD_AGE), date.fromisoformat(row.moved_in_on))
    on = min(earliest + timedelta(days=rng.randrange(20, 180)), start - timedelta(days=1))
    return row._replace(updated_at=updated_at, senior_card_on=on.isoformat())


def _ensure_leapling(drafts: list[Draft], start: date) -> None:
    """Let at least one older resident be born on 29 February, however small the city."""
    if any((draft.birth.month, draft.birth.day) == (2, 29) for draft in drafts):
        return
    index = next(i for i, draft in enumerate(drafts) if draft.age >= 60)
    birth = date(drafts[index].birth.year // 4 * 4, 2, 29)
    drafts[index] = drafts[index]._replace(birth=birth, age=age_on(birth=birth, day=start))


def _blur(rng: Random, rows: list[Resident], truth: dict[str, date], start: date) -> None:
    """Make some birth dates partial, unknown or investigated, and keep the true ones for later corrections."""
    clear = [i for i, row in enumerate(rows) if _clearly_of_age_or_not(row, start)]
    wanted = [few(len(rows), share) for share in (assumptions.PARTIAL_BIRTH, assumptions.UNKNOWN_BIRTH)]
    investigated = few(len(rows), assumptions.INVESTIGATED_BIRTH)
    chosen = rng.sample(clear, sum(wanted) + investigated)
    for place, index in enumerate(chosen):
        row = rows[index]
        if place < investigated:
            rows[index] = row._replace(birth_status="investigating")
            continue
        full = row.birth_date or ""
        truth[row.resident_id] = date.fromisoformat(full)
        known = None if place >= investigated + wanted[0] else full[: rng.choice((4, 7))]
        # An id number holds the birth date: who has none on file has no number on file either.
        rows[index] = row._replace(birth_date=known, id_number=None)


def _clearly_of_age_or_not(row: Resident, start: date) -> bool:
    age = age_on(birth=date.fromisoformat(row.birth_date or ""), day=start)
    return age < CLEARLY_MINOR or age >= CLEARLY_ADULT
