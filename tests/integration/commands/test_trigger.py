from tests.integration.commands.conftest import document


def test_a_published_trigger_is_listed_and_shown(unasked, senior):
    published = unasked("trigger", "publish", senior)
    assert (published.code, "version 1 published" in published.out) == (0, True)
    (row,) = unasked("trigger", "list", "--json").lines
    assert (row["id"], row["version"], row["state"], row["title_zh"]) == ("senior", 1, "published", "老年优待证")
    shown = unasked("trigger", "show", "senior")
    assert senior.read_text(encoding="utf-8").strip() in shown.out
    assert "年满 65 周岁" in shown.out and "aged 65 or over" in shown.out


def test_the_same_text_twice_is_one_version_and_another_text_is_the_next(unasked, senior, home):
    unasked("trigger", "publish", senior)
    assert "version 1 already" in unasked("trigger", "publish", senior).out
    edited = document(home / "edited.yaml", age=60, moment="2021-03-01")
    assert "version 2 published" in unasked("trigger", "publish", edited).out
    assert (
        unasked("trigger", "show", "senior", "--version", 1, "--json")
        .document["when"]
        .startswith("age(birth_date) >= 65")
    )


def test_withdrawing_retires_the_trigger_and_is_refused_the_second_time(unasked, senior):
    unasked("trigger", "publish", senior)
    assert unasked("trigger", "withdraw", "senior").code == 0
    assert unasked("trigger", "list", "--json").lines[0]["state"] == "retired"
    again = unasked("trigger", "withdraw", "senior")
    assert (again.code, "trigger list" in again.err) == (2, True)


def test_a_document_whose_example_fails_is_not_published(unasked, home):
    wrong = document(home / "wrong.yaml", moment="2026-03-02")
    refused = unasked("trigger", "publish", wrong)
    assert refused.code == 1
    assert "on the birthday: expected moment 2026-03-02, came out moment 2026-03-01" in refused.err
    assert "期望时刻 2026-03-02" in refused.err
    assert unasked("trigger", "list").out == ""


def test_publishing_and_withdrawing_are_in_the_audit_trail(unasked, senior, books):
    unasked("trigger", "publish", senior)
    unasked("trigger", "withdraw", "senior")
    entries = books("SELECT action, subject FROM audit_entry ORDER BY entry_id")
    acts = ("trigger_submit", "trigger_publish", "trigger_withdraw")
    assert entries == [(act, "senior") for act in acts]
