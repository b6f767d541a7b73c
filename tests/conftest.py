"""For all tests: a missing tool is a visible skip, and with CI=true it is a failure."""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

EVERYTHING_IS_HERE = os.getenv("CI") == "true"

# No time limit per example: a busy machine is no defect. In CI the examples are the same in every run.
settings.register_profile("house", deadline=None, derandomize=EVERYTHING_IS_HERE)
settings.load_profile("house")


def _fail_instead(report: pytest.TestReport | pytest.CollectReport) -> None:
    if EVERYTHING_IS_HERE and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason} (with CI=true nothing may be skipped)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where everything must be present."""
    report = yield
    _fail_instead(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself while it is collected."""
    report = yield
    _fail_instead(report)
    return report
