"""A backtest at the command line counts what a city's engine did, and names whom an edit would have added."""

from tests.integration.commands.city_on_disk import FIRST, LAST, ask

WINDOW = ("--from", FIRST, "--to", LAST)


def test_the_published_text_would_have_done_what_was_done(unasked, published, city):
    found = unasked("trigger", "backtest", published, *WINDOW, "--json")
    assert found.code == 0
    persons = ask(city, "SELECT resident_id FROM occurrence")
    assert found.document["draft"]["persons"] == len(persons) > 0
    assert found.document["draft"] == {name: n for name, n in found.document["published"].items() if name != "version"}
    assert (found.document["gained"], found.document["lost"]) == (0, 0)
    with_state = ask(city, "SELECT step || ' ' || state || ' ' || count(*) FROM step GROUP BY step, state")
    counted: dict[str, int] = {}
    for one in found.document["draft"]["steps"]:
        key = f"{one['step']} {one['state']}"
        counted[key] = counted.get(key, 0) + one["number"]
    assert {f"{key} {number}" for key, number in counted.items()} == with_state


def test_an_edit_names_whom_it_would_have_served(unasked, edited, city):
    found = unasked("trigger", "backtest", edited, *WINDOW, "--json").document
    gained = unasked("trigger", "backtest", edited, *WINDOW, "--list", "gained", "--reason", "a test", "--json")
    gained = gained.document["residents"]
    assert len(gained) == found["gained"] > 1
    assert not set(gained) & ask(city, "SELECT resident_id FROM occurrence")
    said = unasked("trigger", "backtest", edited, *WINDOW).out
    assert f"residents gained {len(gained)}, lost {found['lost']}" in said
    details = ask(city, "SELECT detail FROM audit_entry WHERE action = 'trigger_backtest_list'")
    assert any(f"gained, {len(gained)} residents" in detail for detail in details)


def test_a_window_must_lie_in_the_past_and_run_forwards(unasked, edited):
    backwards = unasked("trigger", "backtest", edited, "--from", LAST, "--to", FIRST)
    assert (backwards.code, "write the earlier date first" in backwards.err) == (2, True)
    ahead = unasked("trigger", "backtest", edited, "--from", FIRST, "--to", "9999-01-01")
    assert (ahead.code, "lies in the future" in ahead.err) == (2, True)
