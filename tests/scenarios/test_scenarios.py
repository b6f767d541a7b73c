"""Every trigger of the catalogue, told as stories and played through the engine on both databases."""

from pathlib import Path

import pytest

from rules.shipped import shipped
from tests.integration.city import City
from tests.scenarios.stage import play
from tests.scenarios.story import Shows, read

FILES = sorted(Path(__file__).parent.glob("*.yaml"))


def test_every_trigger_of_the_catalogue_has_its_stories() -> None:
    assert [f"{read(path).trigger}.yaml" for path in FILES] == [path.name for path in FILES] == sorted(shipped())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_stories_of_a_trigger_show_every_case_that_each_trigger_must_pass(path: Path) -> None:
    assert {story.shows for story in read(path).stories} == set(Shows)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_engine_does_what_the_stories_tell_and_nothing_else(city: City, path: Path) -> None:
    assert play(city, read(path)) == []
