import pytest

from tests.integration.commands.conftest import document

PAIR = "age(birth_date) >= {least} && age(birth_date) < {below}"


@pytest.fixture
def bands(home):
    """Two bands that leave out the age of 80."""
    paths = [document(home / f"{name}.yaml", id=name) for name in ("young", "old")]
    for path, least, below in zip(paths, (70, 81), (80, 90), strict=True):
        text = path.read_text(encoding="utf-8").split("examples:")[0]
        path.write_text(text.replace("age(birth_date) >= 65", PAIR.format(least=least, below=below)), encoding="utf-8")
    return paths


@pytest.fixture
def never(senior):
    """A trigger that is for nobody."""
    text = senior.read_text(encoding="utf-8").split("examples:")[0]
    senior.write_text(text.replace(">= 65", ">= 65 && age(birth_date) < 60"), encoding="utf-8")
    return senior


def test_a_gap_between_bands_is_told_in_both_languages_with_somebody_who_falls_into_it(unasked, bands):
    said = unasked("trigger", "analyse", *bands, "--on", "2026-03-01")
    assert said.code == 0
    zh, en = said.out.split("\n\n")
    assert "! young 与 old 之间有空档：80 周岁的人不属于任何一档。例如：出生日期 194" in zh
    assert "! between young and old there is a gap: nobody aged 80 is in any of them. For example: birth date 194" in en
    assert "✓ nothing else is wrong (proved)" in en
    one = unasked("trigger", "analyse", *bands, "--lang", "en").out
    assert "空档" not in one


def test_the_analysis_is_one_json_document(unasked, bands):
    found = unasked("trigger", "analyse", *bands, "--on", "2026-03-01", "--json").document
    (gap,) = found["findings"]
    assert (gap["kind"], gap["level"], gap["triggers"], gap["ages"]) == ("gap", "warning", ["young", "old"], [80, 81])
    assert (found["proof"], found["not_checked"], found["days"][0]) == ("proved", [], "2026-03-01")
    assert gap["witness"]["facts"]["residence"] in ("hukou", "permit")
    assert set(gap["words"]) == {"zh", "en"}


def test_a_trigger_that_is_for_nobody_does_not_pass_the_check(unasked, never):
    said = unasked("trigger", "check", never)
    assert said.code == 1
    assert "✗ senior: its condition is never true, for nobody" in said.out
    assert "✗ senior：条件永远不成立，不会为任何人触发" in said.out
    assert unasked("trigger", "analyse", never).code == 1


def test_a_check_says_of_each_document_what_the_analysis_found(unasked, bands, senior):
    lines = unasked("trigger", "check", *bands, senior, "--json").lines
    kinds = {line["id"]: [one["kind"] for one in line["analysis"]["findings"]] for line in lines}
    assert "gap" in kinds["young"]
    assert "gap" in kinds["old"]
    assert kinds["senior"] == ["implied", "implied"]


def test_documents_are_held_against_what_is_published(unasked, senior, home):
    unasked("trigger", "publish", senior)
    other = document(home / "other.yaml", id="other", age=80, moment="2041-03-01")
    alone = unasked("trigger", "analyse", other, "--json").document
    beside = unasked("trigger", "analyse", other, "--published", "--json").document
    assert alone["findings"] == []
    (found,) = beside["findings"]
    assert (found["kind"], found["triggers"], found["level"]) == ("implied", ["other", "senior"], "warning")
    assert found["shared"] == ["civil-affairs/verify", "senior-card-notice"]


def test_the_analysis_is_part_of_the_evidence_for_a_publication(unasked, senior, home):
    unasked("trigger", "publish", senior)
    unasked("trigger", "publish", document(home / "other.yaml", id="other", age=80, moment="2041-03-01"))
    evidence = unasked("trigger", "show", "other", "--json").document["evidence"]
    assert evidence["analysis"]["proof"] == "proved"
    assert [one["kind"] for one in evidence["analysis"]["findings"]] == ["implied"]
    assert "analysis" not in evidence["not_checked"]


def test_a_difference_between_versions_is_proved(unasked, senior, home):
    unasked("trigger", "publish", senior)
    same = document(home / "same.yaml")
    same.write_text(senior.read_text(encoding="utf-8") + "# read by the law office\n", encoding="utf-8")
    said = unasked("trigger", "diff", "senior", "--file", same).out
    assert "the two conditions judge every resident alike: proved" in said
    assert "两个条件对所有居民的判断相同：已证明" in said
    sixty = document(home / "sixty.yaml", age=60, moment="2021-03-01")
    assert (
        "the two conditions differ in no other way: proved" in unasked("trigger", "diff", "senior", "--file", sixty).out
    )
