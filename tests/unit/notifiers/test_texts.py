from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from notifiers.errors import ComposeError, TextError
from notifiers.fields import FORBIDDEN
from notifiers.message import Addressee, Medium
from notifiers.render import values, words
from notifiers.texts import LANGUAGES, load_text
from tests.unit.notifiers.post_kit import OCCASION, TEXTS, TIP, WANG, outbox_row

#: Marks that must never come out: a value of every kind that no text declares.
CANARIES = {"id_number": "110101194912310123", "secret": "CANARY-1", "religion": "CANARY-2", "diagnosis": "CANARY-3"}
#: Long but possible: an ethnic-minority name with its dots, a long school.
LONG = Addressee(
    name="阿卜杜热合曼·阿卜杜克里木",
    fields={
        "sex": "1",
        "card_number": "440300202603018826",
        "child_name": "阿依努尔·阿卜杜热合曼",
        "school": "和安市锦绣区实验教育集团幸福路第二小学",
        "amount": "1000",
    },
)


def _pages(text, medium, to):
    filled = values(text=text, to=to, row=outbox_row(moment=date(2026, 12, 31)), occasion=OCCASION)
    return words(text=text, medium=medium, to=to, values=filled)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_shipped_text_declares_no_identifier(name):
    assert not FORBIDDEN & set(TEXTS[name].fields)


@pytest.mark.parametrize("name", sorted(TEXTS))
@pytest.mark.parametrize("medium", [Medium.SHORT, Medium.LETTER, Medium.CARD])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shipped_text_keeps_its_bounds_for_long_names(name, medium, language):
    text = TEXTS[name]
    if not text.carries(medium):
        with pytest.raises(ComposeError, match="has no words for a"):
            _pages(text, medium, LONG)
        return
    to = Addressee(name=LONG.name, fields=LONG.fields, language=language)
    pages, _card = _pages(text, medium, to)
    assert pages[0].language == language
    assert all(page.body and (medium is Medium.SHORT or (page.title and page.why)) for page in pages)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_shipped_text_does_without_its_optional_fields(name):
    text = TEXTS[name]
    needed = {f.name for f in text.fields.values() if not f.optional}
    to = Addressee(name="王秀英", fields={k: v for k, v in LONG.fields.items() if k in needed})
    for medium in (Medium.SHORT, Medium.LETTER, Medium.CARD):
        if text.carries(medium):
            pages, _card = _pages(text, medium, to)
            assert not any("()" in page.body or "（）" in page.body or "  " in page.body for page in pages)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_shipped_short_text_fits_into_one_message_names_a_telephone_and_holds_no_link(name):
    text = TEXTS[name]
    if text.short is None:
        return
    for language in LANGUAGES:
        pages, _card = _pages(text, Medium.SHORT, Addressee(name=LONG.name, fields=LONG.fields, language=language))
        assert len(pages[0].body) <= 160
        assert "12345" in pages[0].body
        assert "\n" not in pages[0].body


@given(
    st.dictionaries(st.sampled_from(sorted(LONG.fields) + sorted(CANARIES)), st.text(max_size=60)), st.text(max_size=60)
)
def test_no_rendered_text_contains_a_field_outside_its_declared_list(found, name):
    fields = {**found, **CANARIES}
    for text in TEXTS.values():
        for medium in (Medium.SHORT, Medium.LETTER, Medium.CARD):
            try:
                pages, card = _pages(
                    text, medium, Addressee(name=name, fields=fields, address="CANARY-4", phone="CANARY-5")
                )
            except ComposeError:
                continue
            out = repr([(p.title, p.body, p.why) for p in pages]) + repr(card and [line.value for line in card.lines])
            assert "CANARY" not in out
            assert CANARIES["id_number"] not in out


def test_a_card_never_shows_its_whole_number():
    _, card = _pages(TEXTS["senior-card"], Medium.CARD, WANG)
    assert card is not None
    assert [line.value for line in card.lines] == ["王秀英", "女", "•••• 8826", "2026年12月31日"]


def test_a_link_that_comes_in_by_a_value_is_refused():
    with pytest.raises(ComposeError, match="the filled-in text holds a link") as refused:
        _pages(TEXTS["senior-card-notice"], Medium.SHORT, Addressee(name="请点击evil.cn领奖"))
    assert "evil" not in str(refused.value)


def test_a_short_text_that_becomes_too_long_is_refused():
    with pytest.raises(ComposeError, match=r"senior-card-notice\.yaml: short\.zh: .* at most 160 may go out"):
        _pages(TEXTS["senior-card-notice"], Medium.SHORT, Addressee(name="王" * 100))


def _changed(**changes):
    document = yaml.safe_load(TIP) | changes
    return yaml.safe_dump({k: v for k, v in document.items() if v is not None}, allow_unicode=True)


BODY = {"zh": "您好", "en": "Hello"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (_changed(schema="unasked/text@9"), "tip.yaml: schema: write unasked/text@1"),
        (_changed(id="top"), 'tip.yaml: id: "top" differs from the file name'),
        (_changed(repeat="twice"), 'repeat: "twice" is unknown; write one of: at_least_once, at_most_once'),
        (
            _changed(fields={"name": "string"}),
            'fields.name: "string" is unknown; write one of: text, date, number, text?',
        ),
        (_changed(fields={"id_number": "text"}), "fields.id_number: may not stand in any text"),
        (_changed(fields={"Name": "text"}), "fields.Name: is no field name; use lower-case letters, digits and _"),
        (_changed(fields={"loop": "text"}), "fields.loop: is no field name"),
        (_changed(fields={}), "fields: declare 1 to 20 fields, such as name: text"),
        (_changed(fields={"name": "text", "sex": "text"}), "fields: declared but never used: sex; remove it"),
        (_changed(short={"zh": "您好{{ name }}"}), "short: unknown keys [], missing keys ['en']; the keys are zh, en"),
        (_changed(short={"zh": 1, "en": "x"}), "short.zh: is no text; write a text, in quotes"),
        (_changed(short=None, letter=None), "letter: write `short` or `letter`; a `card` needs its `letter`"),
        (_changed(sms="x"), "unknown keys ['sms'], missing keys []"),
        (_changed(card={"heading": BODY, "mark": "长寿", "lines": []}), "card.mark: the watermark is one character"),
        (_changed(card={"heading": BODY, "mark": "寿", "lines": []}), "card.lines: is no list of 1 to 5 items"),
        ("a: [", "tip.yaml: is not YAML: "),
        ("a: &x [1]\nb: *x", "tip.yaml: holds a YAML alias (*); write the text out"),
        ("[" * 9000, "tip.yaml: is nested more than 12 deep; write it flat"),
        ("x" * 40_001, "tip.yaml: has more than 40000 characters; shorten it"),
        ("- a", "tip.yaml: is no mapping; write the keys schema, id, repeat, fields, short, letter, card"),
        ("!!python/object/apply:os.system ['true']", "tip.yaml: is not YAML: "),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_its_path(source, said):
    with pytest.raises(TextError) as refused:
        load_text(source=source, name="tip.yaml")
    assert said in str(refused.value)
    assert refused.value.zh != refused.value.en
