from datetime import date

import pytest

from rules.analysis_words import finding_words, lines
from rules.findings import Analysis, Finding, Kind, Proof, Resident, Unanswered
from rules.sentence import Language

SOMEBODY = Resident(
    facts={"birth_date": "1945-03", "birth_earliest": date(1945, 3, 1), "residence": "hukou", "protected": False},
    day=date(2026, 3, 1),
)


@pytest.mark.parametrize(
    ("finding", "zh", "en"),
    [
        (Finding(kind=Kind.NEVER, triggers=("a",)), "a：条件永远不成立，不会为任何人触发",
         "a: its condition is never true, for nobody"),
        (Finding(kind=Kind.ALWAYS, triggers=("a",)), "a：条件对每个在住居民都成立，等于没有条件",
         "a: its condition is true for everybody who lives here"),
        (Finding(kind=Kind.NEVER_FALSE, triggers=("a",), proof=Proof.SAMPLED),
         "a：只要资料齐全，条件对每个在住居民都成立，没有排除任何人（抽样，未证明）",
         "a: its condition is true for everybody whose facts are known, it leaves nobody out (sampled, not proved)"),
        (Finding(kind=Kind.IMPLIED, triggers=("a", "b")), "a：凡符合它的人也都符合 b",
         "a: everybody for whom it is true is also one of b"),
        (Finding(kind=Kind.EQUAL, triggers=("a", "b"), shared=("card", "notice")),
         "a 与 b 的对象完全相同，且都会做：card、notice",
         "a and b are for the same residents, and both do: card, notice"),
        (Finding(kind=Kind.OVERLAP, triggers=("a", "b"), witness=SOMEBODY),
         "a 与 b 有共同的对象。例如：出生日期 1945-03，居住类型 户籍，住址保密 否（2026-03-01 时）",
         'a and b are for some of the same residents. For example: birth date 1945-03, kind of residence "household '
         'registration", protected address no (on 2026-03-01)'),
        (Finding(kind=Kind.BANDS_OVERLAP, triggers=("a", "b"), witness=Resident(facts={}, day=date(2026, 3, 1))),
         "a 与 b 两档重叠，有人同时属于两档。例如：没有任何登记资料的人（2026-03-01 时）",
         "the bands a and b overlap: some residents are in both. For example: somebody of whom nothing is on record "
         "(on 2026-03-01)"),
        (Finding(kind=Kind.GAP, triggers=("a", "b"), ages=(80, 81)), "a 与 b 之间有空档：80 周岁的人不属于任何一档",
         "between a and b there is a gap: nobody aged 80 is in any of them"),
        (Finding(kind=Kind.GAP, triggers=("a", "b"), ages=(80, 85)),
         "a 与 b 之间有空档：80 至 84 周岁的人不属于任何一档",
         "between a and b there is a gap: nobody aged 80 to 84 is in any of them"),
        (Finding(kind=Kind.GAP, triggers=("a", "b"), ages=(65, 65)),
         "a 与 b 之间有空档：2 月 29 日出生的人满 65 周岁前后不属于任何一档",
         "between a and b there is a gap: at 65, somebody born on 29 February is for a day in none of them"),
    ],
)  # fmt: skip
def test_a_finding_reads_as_a_sentence_in_both_languages(finding, zh, en):
    assert (finding_words(finding, Language.ZH), finding_words(finding, Language.EN)) == (zh, en)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_was_not_checked_is_named_in_both_languages(kind):
    analysis = Analysis(
        findings=(), unanswered=(Unanswered(kind=kind, triggers=("a", "b")),), days=(), proof=Proof.NOT_CHECKED
    )
    zh, en = (list(lines(analysis, lang)) for lang in Language)
    assert zh[0] == "? 以下问题未能查清（求解超时），不能当作没有问题"
    assert en[0] == "? these were not checked (no time left), so they need not be fine"
    assert (zh[1][:8], en[1][:8]) == ("? a、b：是否", "? a, b: ")


def test_notes_are_gathered_by_trigger_and_can_be_left_out():
    meet = tuple(Finding(kind=Kind.OVERLAP, triggers=("a", other), witness=SOMEBODY) for other in ("b", "c"))
    analysis = Analysis(findings=meet, unanswered=(), days=(), proof=Proof.PROVED)
    zh, en = (list(lines(analysis, lang)) for lang in Language)
    assert zh[0] == "· a 与这些触发器有共同的对象：b、c"
    assert en[0] == "· a has residents in common with b, c"
    assert len(list(lines(analysis, Language.EN, notes=False))) == 1
