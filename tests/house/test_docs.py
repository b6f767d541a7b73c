"""Pages can be found, their links lead somewhere, and decisions say how they are checked."""

import re

import pytest

from models.vocabulary.states import Reason
from tests.house.tree import ROOT, named, pages

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
#: The target of a Markdown link, without the place inside the page.
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
#: A file of ours, named in running text.
NAMED_FILE = re.compile(r"`((?:tests|bench|docs|docker|rules)/[\w/.-]+\.\w+)`")
#: A page, printed.
LONGEST_DECISION = 60
LONGEST_GLOSSARY = 80


def _headings(text: str) -> list[str]:
    return [line.removeprefix("## ").strip() for line in text.splitlines() if line.startswith("## ")]


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_of_a_page_lead_somewhere(page):
    targets = (link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link)
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", pages(), ids=named)
def test_files_that_a_page_names_exist(page):
    found = NAMED_FILE.findall(page.read_text(encoding="utf-8"))
    assert [name for name in found if not (ROOT / name).exists()] == []


def test_the_index_names_every_page():
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target in LINK.findall(index.read_text(encoding="utf-8"))}
    assert [named(page) for page in pages() if page.is_relative_to(index.parent) and page not in {*linked, index}] == []


def test_the_glossary_fits_on_one_screen_and_a_bit():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert len(glossary.splitlines()) <= LONGEST_GLOSSARY


def test_the_glossary_explains_every_reason():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert [reason.value for reason in Reason if f"| `{reason.value}` |" not in glossary] == []


def test_decisions_are_numbered_without_a_gap():
    assert [path.stem[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_decision_is_one_page_that_ends_with_its_check(path):
    text = path.read_text(encoding="utf-8")
    assert _headings(text) == ["Context", "Decision", "Consequences", "How it is checked"]
    assert len(text.splitlines()) <= LONGEST_DECISION
