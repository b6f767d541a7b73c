"""What a text may not do: the corpus grows with every trick that somebody thinks of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.errors import TextError
from notifiers.fields import Field, FieldKind
from notifiers.snippet import Frame, compile_snippet

FIELDS = {
    "name": Field(name="name", kind=FieldKind.TEXT),
    "school": Field(name="school", kind=FieldKind.TEXT, optional=True),
    "moment": Field(name="moment", kind=FieldKind.DATE),
    "number": Field(name="number", kind=FieldKind.NUMBER),
}
FRAME = Frame(place="t.yaml: short.zh", language="zh", fields=FIELDS, limit=160, links=False)

HOSTILE = [
    # Calls, attributes and items: the ways into Python.
    "{{ name() }}",
    "{{ name.__class__ }}",
    "{{ name['__class__'] }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ name | attr('__class__') }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum() }}",
    "{{ namespace(x=1) }}",
    "{{ range(999999999) }}",
    "{{ joiner }}",
    "{{ caller() }}",
    "{{ loop.index }}",
    # Growth: a short text with a long result.
    "{{ 'a' * 10 ** 8 }}",
    "{{ '%999999999d' | format(1) }}",
    "{{ name * 1000000 }}",
    "{{ name ~ name }}",
    "{{ name + name }}",
    "{{ 9 ** 9 ** 9 }}",
    "{% for i in range(10 ** 9) %}x{% endfor %}",
    "{% for c in name %}{{ c }}{% endfor %}",
    # Definitions, other files, assignments.
    "{% set x = name %}",
    "{% set x %}{{ name }}{% endset %}",
    "{% macro m() %}{% endmacro %}",
    "{% call name() %}{% endcall %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block b %}{{ name }}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with a = name %}{{ a }}{% endwith %}",
    "{% autoescape true %}x{% endautoescape %}",
    "{% do name %}",
    "{% raw %}",
    # Filters that are not on the list, or with arguments.
    "{{ name | safe }}",
    "{{ name | replace('a', 'b') }}",
    "{{ name | upper('x') }}",
    "{{ name | upper | upper }}",
    "{{ name | map }}",
    "{{ name | tojson }}",
    "{{ name | upper(**name) }}",
    # Constants and inline forms.
    "{{ 'x' }}",
    "{{ 1 }}",
    "{{ [name] }}",
    "{{ {'a': name} }}",
    "{{ (name, name) }}",
    "{{ name if name else school }}",
    "{{ name is defined }}",
    "{{ not name }}",
    "{{ -1 }}",
    # Conditions that are more than a look at a declared field.
    "{% if name() %}x{% endif %}",
    "{% if name.x %}x{% endif %}",
    "{% if name is none %}x{% endif %}",
    "{% if 'a' in name %}x{% endif %}",
    "{% if name > 'a' %}x{% endif %}",
    "{% if name == school %}x{% endif %}",
    "{% if 'a' == name %}x{% endif %}",
    "{% if name == 'a' == 'b' %}x{% endif %}",
    "{% if name == 1 %}x{% endif %}",
    "{% if moment == '2026' %}x{% endif %}",
    "{% if number == '1' %}x{% endif %}",
    "{% if true %}x{% endif %}",
    "{% if name %}" * 4 + "x" + "{% endif %}" * 4,
    "{% if " + "not " * 20 + "name %}x{% endif %}",
    "{% if " + "(" * 3000 + "name" + ")" * 3000 + " %}x{% endif %}",
    # Fields: undeclared, of the wrong kind, perhaps absent.
    "{{ id_number }}",
    "{{ nmae }}",
    "{{ moment }}",
    "{{ moment | upper }}",
    "{{ name | date_zh }}",
    "{{ number }}",
    "{{ number | upper }}",
    "{{ school }}",
    "{% if not school %}{{ school }}{% endif %}",
    "{% if school or name %}{{ school }}{% endif %}",
    "{% if school %}{% else %}{{ school }}{% endif %}",
    # Broken.
    "{{ name",
    "{% if name %}x",
    "{{ }}",
    "{{ '\\x' }}",
    "{{ " + "1" * 5000 + " }}",
    "x" * 6001,
    # Links, also those that only a phone sees.
    "请点击 https://city.example",
    "请看www.city.cn",
    "请看city.gov.cn",
    "请看ｃｉｔｙ．ｃｎ",
    "请看10.0.0.1",
    "{{ 'http://' }}",
]


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: source[:40])
def test_a_hostile_text_is_refused(source):
    with pytest.raises(TextError):
        compile_snippet(source=source, frame=FRAME)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "您好\n{{ nmae }}",
            't.yaml: short.zh, line 2: field "nmae" is not declared; add it to `fields` or use one of: '
            "moment, name, number, school",
        ),
        ("{{ moment }}", 'date field "moment" is printed as {{ moment | date_zh }} / {{ moment | date_en }}'),
        ("{{ number }}", 'number field "number" is printed as {{ number | masked }}'),
        ("{{ school }}", 'field "school" may be absent; put it into {% if school %}…{% endif %}'),
        ("{{ name() }}", "a call is not allowed; write only {{ field }}, {{ field | filter }} and {% if field %}"),
        ("{% for c in name %}{% endfor %}", "a loop is not allowed"),
        ("{{ name | upper('x') }}", "filters take no arguments here; write {{ field | filter }}"),
        ("{% if name > 'a' %}x{% endif %}", 'a comparison is written field == "value" or field != "value"'),
        ("{% if moment == 'x' %}x{% endif %}", 'field "moment" is no text and cannot be compared'),
        ("{{ name", "check the braces"),
        ("www.city.cn", "short messages carry no link; name a phone or a counter"),
        ("x" * 161, "has 161 characters, at most 160 may go out; shorten it"),
    ],
)
def test_a_refusal_names_the_place_what_stands_there_and_how_to_mend_it(source, said):
    with pytest.raises(TextError) as refused:
        compile_snippet(source=source, frame=FRAME)
    assert said in str(refused.value)
    assert refused.value.en.startswith("t.yaml: short.zh")
    assert refused.value.zh.startswith("t.yaml: short.zh")
    assert any("\u4e00" <= character <= "\u9fff" for character in refused.value.zh)


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ("{{ name }}您好", "wang您好"),
        ("{{ name | upper }}", "WANG"),
        ("{% if school %}{{ school }}{% else %}—{% endif %}", "—"),
        ('{% if name == "wang" %}A{% elif name != "li" %}B{% endif %}', "A"),
        ("{% if name and not school %}x{% endif %}", "x"),
        ("{# a remark #}{{ name }}", "wang"),
        ("第一行\n第二行\n\n第二段", "第一行第二行\n\n第二段"),
    ],
)
def test_what_is_allowed_is_filled_in(source, filled):
    snippet = compile_snippet(source=source, frame=FRAME)
    assert snippet.fill(values={"name": "wang", "school": ""}) == filled


_PIECES = st.sampled_from(
    "{{ }} {% %} {# #} name school if endif else elif for in set macro not and ( ) [ ] . | upper == 'a' * ** ~ \\ \x00"
    " __class__".split(" ")
)


@given(st.lists(_PIECES, max_size=40).map("".join) | st.text(max_size=200))
def test_no_text_does_anything_but_be_refused_or_be_filled_in(source):
    try:
        snippet = compile_snippet(source=source, frame=FRAME)
    except TextError:
        return
    values = {"name": "N", "school": "S"}
    assert len(snippet.template.render({name: values[name] for name in snippet.fields})) <= len(source)
