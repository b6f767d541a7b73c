import pytest

from tests.integration.commands.conftest import document


@pytest.fixture
def sixty(home):
    """The same trigger from sixty."""
    return document(home / "sixty.yaml", age=60, moment="2021-03-01")


@pytest.fixture
def service(unasked, monkeypatch):
    """A service whose database is ready; the embedded profile is for trying out."""
    monkeypatch.setenv("UNASKED_PROFILE", "service")
    monkeypatch.setenv("UNASKED_KEYS", "k:" + "A" * 43 + "=")
    assert unasked("migrate").code == 0


def test_in_a_service_nothing_is_published_without_a_review_by_somebody_else(unasked, service, senior):
    refused = unasked("trigger", "publish", senior)
    assert (refused.code, "not in review" in refused.err, "尚未提交审核" in refused.err) == (2, True, True)
    assert unasked("trigger", "submit", senior).code == 0
    alone = unasked("trigger", "publish", senior)
    assert (alone.code, "somebody else must publish" in alone.err) == (2, True)
    assert unasked("trigger", "list").out == ""
    (row,) = unasked("trigger", "proposals", "--json").lines
    assert (row["trigger_id"], row["state"], row["version"]) == ("senior", "in_review", None)


def test_in_a_service_a_text_that_selects_few_is_handed_in_with_a_reason_only(unasked, service, senior, home):
    snapshot = home / "one.jsonl"
    row = '{"resident_id": "p1", "birth_date": "1950-01-01", "status": "resident", "residence": "hukou"}'
    snapshot.write_text(row + "\n", encoding="utf-8")
    assert unasked("load", snapshot).code == 0
    refused = unasked("trigger", "submit", senior)
    assert (refused.code, "need a reason" in refused.err, "须写明理由" in refused.err) == (2, True, True)
    assert unasked("trigger", "proposals").out == ""
    assert unasked("trigger", "submit", senior, "--reason", "a first resident").code == 0


def test_another_text_than_the_reviewed_one_is_not_published(unasked, service, senior, sixty):
    unasked("trigger", "submit", senior)
    assert "not in review" in unasked("trigger", "publish", sixty).err


def test_a_text_is_sent_back_with_a_note_and_handed_in_again(unasked, service, senior):
    unasked("trigger", "draft", senior)
    unasked("trigger", "submit", senior)
    assert unasked("trigger", "return", "senior", "--note", "which law?").code == 0
    assert "which law?" in unasked("trigger", "proposals").out
    assert unasked("trigger", "submit", senior).code == 0


def test_a_published_version_shows_who_wrote_it_and_on_what_evidence(unasked, senior):
    unasked("trigger", "publish", senior)
    shown = unasked("trigger", "show", "senior", "--json").document
    assert shown["author"] == shown["publisher"]
    assert shown["author"].startswith("cli:")
    assert shown["evidence"]["examples"] == [{"name": "on the birthday", "passed": True}]
    assert shown["evidence"]["preview"]["population"] == 0
    assert f"written by {shown['author']}" in unasked("trigger", "show", "senior").out


def test_a_rollback_publishes_the_older_text_as_a_new_version(unasked, senior, sixty):
    unasked("trigger", "publish", senior)
    unasked("trigger", "publish", sixty)
    assert "version 3 published" in unasked("trigger", "rollback", "senior", "--to", 1).out
    texts = [unasked("trigger", "show", "senior", "--version", n, "--json").document["digest"] for n in (1, 2, 3)]
    assert texts[0] == texts[2] != texts[1]
    wrong = unasked("trigger", "rollback", "senior", "--to", 9)
    assert (wrong.code, "there is no version 9" in wrong.err) == (2, True)


def test_a_diff_tells_text_meaning_and_a_witness(unasked, senior, sixty):
    unasked("trigger", "publish", senior)
    found = unasked("trigger", "diff", "senior", "--file", sixty, "--json").document
    assert any(line.startswith("+when: age(birth_date) >= 60") for line in found["text"])
    said = [(change["place"], change["was"], change["now"]) for change in found["meaning"]]
    assert ("when", {"zh": "年满 65 周岁", "en": "aged 65 or over"}, None) in said
    assert ("when", None, {"zh": "年满 60 周岁", "en": "aged 60 or over"}) in said
    pairs = [(one["old"], one["new"]) for one in found["witnesses"]["found"]]
    assert ("FALSE", "TRUE") in pairs
    assert ("TRUE", "FALSE") not in pairs
    unasked("trigger", "publish", sixty)
    spoken = unasked("trigger", "diff", "senior").out
    assert "when: - → 年满 60 周岁" in spoken
    assert "FALSE → TRUE: birth_date" in spoken


def test_a_diff_of_what_was_never_published_says_so(unasked, senior):
    assert "was never published" in unasked("trigger", "diff", "senior").err
