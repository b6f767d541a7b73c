"""A scenario that cannot be read, or that tells another story than the books, is named by its file and line."""

from pathlib import Path

import pytest

from rules.errors import TriggerError
from tests.integration.city import City
from tests.scenarios.stage import play
from tests.scenarios.story import read

TOLD = """\
trigger: senior-card
from: 2025-02-27
until: 2025-03-03
stories:
  - story: The ordinary case
    people:
      wang: {birth_date: 1960-03-01, status: resident, residence: hukou, senior_card_on: 2024-01-01}
    days:
      2025-03-01:
        happens:
          - {who: wang, becomes: {senior_card_on: null}}
        then:
          - prepare for wang, withheld (late)
          - contact for wang, withheld (late)
          - card for wang, task mail-card of civil-affairs due 2025-03-01
          - card for wang, senior-card to wang by card
    end:
      wang: 2025-03-01 fulfilled
"""


def _file(folder: Path, *replaced: tuple[str, str]) -> Path:
    text = TOLD
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    path = folder / "story.yaml"
    path.write_text(text, encoding="utf-8")
    return path


UNREADABLE = [
    ("birth_date", "brith_date", 'story.yaml:7: stories[0].people.wang.brith_date: "brith_date"', 'mean "birth_date"?'),
    ("2025-03-01:", "2025-02-30:", 'story.yaml:10: stories[0].days.2025-02-30: "2025-02-30" is no day', "2025-03-01"),
    ("2025-03-01:", "2025-04-01:", "story.yaml:10: stories[0].days.2025-04-01", "between 2025-02-27 and 2025-03-03"),
    ("becomes:", "turns:", "story.yaml:11: stories[0].days.2025-03-01.happens[0].turns", "no key that is known here"),
    ("  wang: 2025", "  wong: 2025", "story.yaml:18: stories[0].end.wong", 'mean "wang"?'),
    ("until: 2025-03-03", "until: soon", 'story.yaml:3: until: "soon" is no day', "write it as 2025-03-01"),
    ("stories:", "stories: [", "story.yaml:5", "is no readable YAML"),
]


@pytest.mark.parametrize(("old", "new", "place", "help"), UNREADABLE)
def test_what_cannot_be_read_is_named_with_file_line_and_how_to_mend_it(
    tmp_path: Path, old: str, new: str, place: str, help: str
) -> None:
    with pytest.raises(TriggerError) as refused:
        read(_file(tmp_path, (old, new)))
    assert str(refused.value).startswith(place)
    assert help in str(refused.value)


def test_a_true_story_leaves_nothing_to_say(city: City, tmp_path: Path) -> None:
    assert play(city, read(_file(tmp_path))) == []


def test_a_sentence_that_did_not_come_true_and_one_that_nobody_told_are_named_by_line_and_day(
    city: City, tmp_path: Path
) -> None:
    untrue = _file(tmp_path, ("contact for wang, withheld (late)", "contact for wang, withheld (protected)"))
    assert play(city, read(untrue)) == [
        'story.yaml:10: "The ordinary case", 2025-03-01: this did not happen: contact for wang, withheld (protected)',
        'story.yaml:10: "The ordinary case", 2025-03-01: nobody told of this: contact for wang, withheld (late)',
    ]


def test_another_end_than_the_told_one_is_named_by_line(city: City, tmp_path: Path) -> None:
    untrue = _file(tmp_path, ("  wang: 2025-03-01 fulfilled", "  wang: nothing"))
    assert play(city, read(untrue)) == [
        'story.yaml:18: "The ordinary case", in the end wang has: 2025-03-01 fulfilled; the story says: nothing'
    ]
