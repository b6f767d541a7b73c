"""The edit 65 -> 60 on a synthetic city says exactly who and how many, as SQL written by hand finds them."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.commands.city_on_disk import LAST, ask

ON = LAST + timedelta(days=1)
#: Everybody for whom a condition "aged N or over" of the senior card holds on the day of the edit; no leap day is near.
TRUE = """
SELECT resident_id FROM resident
WHERE birth_latest <= ? AND status = 'resident' AND residence IN ('hukou', 'permit') AND senior_card_on IS NULL
  AND in_population AND (death_earliest IS NULL OR death_earliest > '2026-02-11')
"""
SIXTY_FIVE, SIXTY = "1961-02-11", "1966-02-11"
#: Those of them who do not yet have the card and turn 60 within the year after the edit.
TURNING = TRUE.replace("birth_latest <= ?", "birth_latest > ? AND birth_latest <= ?")


def test_the_edit_names_who_is_gained_and_how_many(unasked, edited, city):
    before, after = ask(city, TRUE, SIXTY_FIVE), ask(city, TRUE, SIXTY)
    assert len(after - before) > 30  # the city is not idle
    said = unasked("trigger", "preview", edited, "--on", ON, "--json")
    assert said.code == 0
    difference = said.document["difference"]
    assert (said.document["true"], difference["tally"]["true"]) == (len(after), len(before))
    assert (difference["gained"], difference["lost"]) == (len(after - before), len(before - after))
    gained = unasked("trigger", "preview", edited, "--on", ON, "--list", "gained", "--json").document
    assert gained["residents"] == sorted(after - before)
    assert f"（新增 {len(after - before)}，减少 0）" in unasked("trigger", "preview", edited, "--on", ON).out


def test_a_count_says_whom_a_condition_selects_and_in_a_service_no_small_number(unasked, published, city, monkeypatch):
    texts = [
        f'age(birth_date) >= {age} && residence in ["hukou", "permit"] && !has(senior_card_on)' for age in (60, 65)
    ]
    said = [unasked("trigger", "count", text, "--date", ON, "--json") for text in texts]
    assert [one.document["true"] for one in said] == [len(ask(city, TRUE, day)) for day in (SIXTY, SIXTY_FIVE)]
    assert unasked("trigger", "count", "age(birth_dat) >= 60", "--date", ON).code == 2
    monkeypatch.setenv("UNASKED_PROFILE", "service")
    monkeypatch.setenv("UNASKED_KEYS", "k:" + "A" * 43 + "=")
    few = unasked("trigger", "count", "age(birth_date) >= 99", "--date", ON, "--json").document
    assert (few["true"], few["false"]) == (None, None)
    assert "fewer than 10" in unasked("trigger", "count", "age(birth_date) >= 99", "--date", ON).out


def test_who_turns_sixty_begins_and_who_is_older_stays_due_at_sixty_five(unasked, edited, city):
    begun = ask(city, "SELECT resident_id FROM occurrence")
    turning = ask(city, TURNING, SIXTY, "1967-05-12") | ask(city, TURNING, SIXTY_FIVE, "1962-05-12")
    said = unasked("trigger", "preview", edited, "--on", ON, "--json").document
    # The look-ahead of 90 days begins the work of those who turn 60, or 65, until then.
    alive = {key for key in turning - begun}
    assert said["begins"] == len(alive)
    assert said["backlog"]["waiting"] + said["backlog"]["served"] == len(ask(city, TRUE, "1966-02-10"))


def test_a_list_of_few_needs_a_reason_and_is_written_down(unasked, edited, city):
    narrowed = edited.with_name("narrow.yaml")
    text = (
        edited.read_text(encoding="utf-8")
        .replace(">= 60", ">= 65")
        .replace("!has(senior_card_on)", "has(senior_card_on)")
    )
    narrowed.write_text(text, encoding="utf-8")
    lost = ask(city, TRUE, SIXTY_FIVE)
    assert 0 < len(lost) < 10
    asked = "trigger", "preview", narrowed, "--on", ON, "--list", "lost", "--json"
    refused = unasked(*asked)
    assert (refused.code, "needs a reason" in refused.err, "须写明理由" in refused.err) == (2, True, True)
    assert unasked(*asked, "--reason", "a test").document["residents"] == sorted(lost)
    entries = ask(city, "SELECT detail FROM audit_entry WHERE action = 'trigger_preview_list'")
    assert any(f"lost, {len(lost)} residents" in detail for detail in entries)


def test_in_a_service_a_text_that_selects_few_is_previewed_with_a_reason_only(unasked, published, city, monkeypatch):
    narrow = published.with_name("few.yaml")
    text = published.read_text(encoding="utf-8").split("examples:")[0]
    age = next(age for age in range(65, 120) if 0 < len(ask(city, TRUE, f"{ON.year - age}-02-11")) < 10)
    narrow.write_text(text.replace(">= 65", f">= {age}"), encoding="utf-8")
    monkeypatch.setenv("UNASKED_PROFILE", "service")
    monkeypatch.setenv("UNASKED_KEYS", "k:" + "A" * 43 + "=")
    refused = unasked("trigger", "preview", narrow, "--on", ON, "--json")
    assert (refused.code, "need a reason" in refused.err, "须写明理由" in refused.err) == (2, True, True)
    asked = unasked("trigger", "preview", narrow, "--on", ON, "--json", "--reason", "one street")
    assert 0 < asked.document["true"] < 10
    (detail,) = ask(city, "SELECT detail FROM audit_entry WHERE action = 'trigger_preview_small'")
    assert detail.endswith("one street")


def test_prices_make_a_cost_and_a_channel_without_one_says_so(unasked, edited, monkeypatch):
    monkeypatch.setenv("UNASKED_PRICES", "sms=5")
    said = unasked("trigger", "preview", edited, "--on", ON, "--json").document
    sms = sum(one["number"] for one in said["messages"] if one["channel"] == "sms")
    assert sms > 0
    assert said["cost_fen"]["sms"] == 5 * sms
    assert said["cost_fen"]["card"] is None
    monkeypatch.setenv("UNASKED_PRICES", "sms=cheap")
    assert unasked("trigger", "preview", edited, "--on", ON).code == 2
