"""The lock is complete, exact, and what these tests run with."""

import re
from importlib.metadata import PackageNotFoundError, version
from itertools import chain

from tests.house.tree import ROOT, project

#: The extra that no role needs, and whose wheel is larger than all others: it stands in the lock of development.
FOR_AUTHORS = "analysis"
PIN = re.compile(r"([A-Za-z0-9._-]+)==(\S+)")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _lines(name: str) -> list[str]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _pins(*names: str) -> dict[str, str]:
    pins = (PIN.fullmatch(line) for line in chain.from_iterable(map(_lines, names)))
    return {_normal(pin[1]): pin[2] for pin in pins if pin}


def _wanted(requirements: list[str]) -> set[str]:
    return {_normal(re.split(r"[\[<>=~!;@ ]", requirement, maxsplit=1)[0]) for requirement in requirements}


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def test_every_line_of_the_lock_is_an_exact_version():
    lines = _lines("runtime.txt") + _lines("dev.txt")
    assert [line for line in lines if not PIN.fullmatch(line)] == []


def test_the_lock_holds_what_the_program_asks_for():
    extras = project()["project"]["optional-dependencies"]
    served = chain.from_iterable(wanted for name, wanted in extras.items() if name != FOR_AUTHORS)
    wanted = _wanted([*project()["project"]["dependencies"], *served])
    assert wanted - _pins("runtime.txt").keys() == set()
    assert _wanted(extras[FOR_AUTHORS]) - _pins("dev.txt").keys() == set()


def test_the_lock_holds_what_development_asks_for():
    wanted = _wanted(project()["dependency-groups"]["dev"])
    assert wanted - _pins("runtime.txt", "dev.txt").keys() == set()


def test_no_package_is_locked_twice():
    assert _pins("runtime.txt").keys() & _pins("dev.txt").keys() == set()


def test_the_tests_run_with_the_locked_versions():
    pins = _pins("runtime.txt", "dev.txt")
    assert {name: _installed(name) for name in pins} == pins
