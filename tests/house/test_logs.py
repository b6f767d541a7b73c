"""Log lines carry keys, never a name, an id number, a telephone number or an address."""

import ast
from collections.abc import Iterator

import pytest

from models.fields import PERSONAL_FIELDS
from tests.house.tree import dotted, place, room_files, tree

LOGGERS = {"log", "logger"}
#: A tick or a topic has a `name` too; as an attribute or a variable the word is personal only on one of these.
PEOPLE = {"resident", "person", "guardian", "recipient", "row"}
METHODS = {"debug", "info", "warning", "error", "exception", "critical", "bind", "new", "bind_contextvars"}


def _is_log_call(call: ast.Call) -> bool:
    *owners, method = dotted(call.func).split(".")
    named_logger = bool(owners) and owners[-1].strip("_").lower() in LOGGERS
    return method in METHODS and (named_logger or method == "bind_contextvars")


def _words(call: ast.Call) -> Iterator[str]:
    """Every name that could carry a value into the line: keywords, variables, attributes, keys."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    yield from (keyword.arg for keyword in call.keywords if keyword.arg)
    for node in (inner for argument in arguments for inner in ast.walk(argument)):
        if isinstance(node, ast.Name) and node.id != "name":
            yield node.id
        elif isinstance(node, ast.Attribute) and (node.attr != "name" or dotted(node.value).split(".")[-1] in PEOPLE):
            yield node.attr
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            yield str(node.slice.value)


def _personal_words(source: ast.AST) -> list[tuple[ast.Call, str]]:
    calls = [node for node in ast.walk(source) if isinstance(node, ast.Call) and _is_log_call(node)]
    return [(call, word) for call in calls for word in _words(call) if word in PERSONAL_FIELDS]


def test_no_log_call_carries_a_personal_field():
    found = ((path, call, word) for path in room_files() for call, word in _personal_words(tree(path)))
    assert [f"{place(path, call)} logs {word}" for path, call, word in found] == []


@pytest.mark.parametrize(
    "line",
    [
        'log.info("notification_sent", phone=number)',
        'self._log.warning("refused", resident=row["id_number"])',
        "structlog.contextvars.bind_contextvars(key=resident.name)",
        'logger.error(f"no letter for {row.address}")',
    ],
)
def test_a_personal_field_in_a_log_call_is_seen(line):
    assert _personal_words(ast.parse(line))
