"""Every refusal that the rule language knows is brought about here, in both languages, with a way to mend it."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import rules
from rules.anchor import Anchor
from rules.calendar import Offset
from rules.condition import Condition
from rules.document import load
from rules.errors import RulesError
from rules.given import row_from
from rules.parse import parse
from rules.predicate import fuse
from rules.yaml_tree import read_tree
from tests.unit.rules import test_document, test_parse, test_yaml_tree
from tests.unit.rules.hostile import CONDITIONS, DOCUMENTS

#: The modules that read what people write.
READERS = (
    *("parse", "atoms", "tokens", "lexer", "literals", "calendar", "anchor", "given", "document", "plan", "section"),
    *("examples", "yaml_tree", "predicate"),
)
#: Names of calls that make a message of `zh` and `en`.
_MAKERS = ("RuleError", "RulesError", "Words", "unexpected", "_refusal")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Plain signs that Chinese sets differently: a mark or an opening bracket after a Chinese letter.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!](?:\s|$|[\u4e00-\u9fff])|[\u4e00-\u9fff]\(")


class Closed:
    """An office that never works."""

    def is_working(self, day: date) -> bool:
        return False


def _table(test: object) -> list[tuple[object, ...]]:
    """The cases of a parametrized test."""
    (mark,) = (mark for mark in test.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
    return list(mark.args[1])


def _attempts() -> Iterator[object]:
    for case in _table(test_parse.test_a_refusal_says_where_and_what_and_how_to_mend_it):
        yield lambda text=case[0]: parse(text)
    refused = test_document.test_a_refusal_names_the_place_the_value_what_was_expected_and_how_to_mend_it
    for old, new, *_ in _table(refused):
        yield lambda old=old, new=new: load(test_document.SHORT.replace(old, new, 1), name="x.yaml")
    for case in _table(test_yaml_tree.test_what_yaml_would_do_behind_ones_back_is_refused_with_its_line):
        yield lambda text=case[0]: read_tree(text, name="x.yaml")
    yield from (lambda text=text: parse(text) for text in CONDITIONS)
    yield from (lambda text=text: load(text, name="x.yaml") for text in DOCUMENTS)
    yield from (lambda text=text: Offset.parse(text) for text in ("soon", "99999d"))
    anchors = ("birthday()", "birthday(sex, 1)", "birthday(birth_date, 151)", 'school_entry(birth_date, 6, "02-29")')
    yield from (lambda text=text: Anchor.parse(text) for text in anchors)
    given = (
        {"x": "1"},
        {"birth_date": "2019-02-30"},
        {"hukou_on": "2020"},
        {"protected": "1"},
        {"sex": "x"},
        {"street": 1},
    )
    yield from (lambda facts=facts: row_from(facts) for facts in given)
    step = "  - {step: s, at: 0d, publish: {topic: t}}\n"
    steps = "".join(step.replace("s,", f"s{number},") for number in range(51))
    yield lambda: load(test_document.SHORT.split("plan:")[0] + "plan:\n" + steps, name="x.yaml")
    yield lambda: Offset.parse("3wd").shift(date(2026, 3, 1), Closed())
    yield lambda: fuse([Condition(node=parse("protected"))] * 501)


@pytest.fixture(scope="module")
def said() -> list[RulesError]:
    """Every refusal that the tables of cases bring about."""
    found = []
    for attempt in _attempts():
        try:
            attempt()  # type: ignore[operator]
        except RulesError as error:
            found.append(error)
    return found


def _templates() -> Iterator[tuple[str, str, re.Pattern[str]]]:
    """Where a message is made, in which language, and what it looks like with anything in its gaps."""
    for name in READERS:
        path = Path(str(rules.__file__)).with_name(f"{name}.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node.func) in _MAKERS:
                for keyword in node.keywords:
                    if keyword.arg in ("zh", "en") and (pattern := _pattern(keyword.value)):
                        yield f"{name}.py:{keyword.value.lineno}", keyword.arg, re.compile(pattern, re.DOTALL)


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _pattern(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr):
        parts = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*?" for part in node.values)
        return "".join(parts)
    return ""


def test_every_message_is_brought_about_by_some_case(said):
    texts = {lang: "\n".join(getattr(error, lang) for error in said) for lang in ("zh", "en")}
    missing = [f"{place} {lang}: {form.pattern}" for place, lang, form in _templates() if not form.search(texts[lang])]
    assert missing == []


def test_every_refusal_speaks_both_languages_and_says_how_to_mend_it(said):
    for error in said:
        assert CHINESE.search(error.zh), error.zh
        assert not CHINESE.search(re.sub(r'"[^"]*"|\'[^\']*\'', "", error.en)), error.en
        assert re.search(r"[；：，。]", error.zh), error.zh
        assert re.search(r"; |, not |expected |write ", error.en), error.en


def test_chinese_is_set_with_chinese_marks(said):
    quoted = re.compile(r'"[^"]*"|\'[^\']*\'|`[^`]*`|[a-z_]+\([^)]*\)|\[[^]]*\]|“[^”]*”')
    assert [error.zh for error in said if HALF_WIDTH.search(quoted.sub("", error.zh))] == []
