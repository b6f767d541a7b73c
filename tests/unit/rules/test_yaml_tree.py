import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.errors import TriggerError
from rules.yaml_tree import Entry, read_tree


def _plain(entry: Entry) -> object:
    """The tree without its lines."""
    if isinstance(entry.value, dict):
        return {key: _plain(below) for key, below in entry.value.items()}
    return [_plain(below) for below in entry.value] if isinstance(entry.value, list) else entry.value


def _read(text: str) -> object:
    return _plain(read_tree(text, name="x.yaml"))


def test_every_scalar_is_the_text_that_stands_there():
    text = "on: yes\nno: 1961\nday: 1961-03-01\nnumber: 0x10\nfloat: 1e3\ntime: 12:30\nbig: 1_000\n"
    assert _read(text) == {
        "on": "yes",
        "no": "1961",
        "day": "1961-03-01",
        "number": "0x10",
        "float": "1e3",
        "time": "12:30",
        "big": "1_000",
    }


def test_nothing_and_null_are_empty_and_in_quotes_they_are_texts():
    assert _read("a:\nb: ~\nc: null\nd: 'null'\n") == {"a": "", "b": "", "c": "", "d": "null"}


def test_blocks_keep_signs_that_mean_something_to_yaml():
    assert _read("when: >-\n  !protected # no comment\n  && opted_out\n") == {
        "when": "!protected # no comment && opted_out"
    }


def test_lines_and_lost_comments_are_remembered():
    entry = read_tree("# head\na: x # lost\nb:\n  - y\n  - [z]\n", name="x.yaml").value
    assert isinstance(entry, dict)
    assert (entry["a"].line, entry["a"].comment) == (2, "# lost")
    assert isinstance(entry["b"].value, list)
    assert [below.line for below in entry["b"].value] == [4, 5]


@pytest.mark.parametrize(
    ("text", "line", "en", "zh"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, '"a" stands twice; it is already on line 1; remove one of them', "重复；第 1 行已有"),
        ("a: {b: 1, b: 2}\n", 1, '"b" stands twice', "重复"),
        ("a: &x 1\n", 1, '"x" is a YAML anchor or alias, which is not accepted; write the value out', "锚点或别名"),
        ("a: 1\nb: *x\n", 2, '"x" is a YAML anchor or alias', "锚点或别名"),
        (
            "when: !protected\n",
            1,
            "reads as a YAML tag, because the text begins with !; write a condition as",
            "标签",
        ),
        ("when: !!str protected\n", 1, "reads as a YAML tag", "标签"),
        ("!x a: 1\n", 1, "reads as a YAML tag", "标签"),
        ("a: !x [1]\n", 1, "reads as a YAML tag", "标签"),
        ("a: 1\n---\nb: 2\n", 2, '"---" begins a second document; write one trigger per file', "第二个文档"),
        ("[a]: 1\n", 1, "a key must be text", "键必须是文本"),
        ("a: [[[[[[[[[[[1]]]]]]]]]]]\n", 1, "nested deeper than 10 levels", "嵌套超过 10 层"),
        ("a: b: c\n", 1, "is no readable YAML; check indentation and quotes", "不是可读的 YAML"),
        ("a: [1\n", 2, "is no readable YAML", "不是可读的 YAML"),
        ("a: 'x\n", 2, "is no readable YAML", "不是可读的 YAML"),
        ("a: `x`\n", 1, "is no readable YAML", "不是可读的 YAML"),
        ("\ta: 1\n", 1, "is no readable YAML", "不是可读的 YAML"),
        ("", 1, '"empty" is no readable YAML', "不是可读的 YAML"),
        ("# only a comment\n", 1, '"empty" is no readable YAML', "不是可读的 YAML"),
        ("a: \x00\n", 0, "is no readable YAML", "不是可读的 YAML"),
        ("a: \ud800\n", 0, '"UTF-8" is no readable YAML', "不是可读的 YAML"),
        ("a: " + "x" * 65_536, 0, "bytes; a document has at most 65536; split it", "文档最多 65536 字节"),
    ],
)
def test_what_yaml_would_do_behind_ones_back_is_refused_with_its_line(text, line, en, zh):
    with pytest.raises(TriggerError) as raised:
        read_tree(text, name="x.yaml")
    assert en in raised.value.en
    assert zh in raised.value.zh
    assert raised.value.line == line
    assert raised.value.en.startswith(f"x.yaml:{line}: " if line else "x.yaml: ")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}!&*#'\"|>?,%@`~\n \t\\\u6c49\ud800\x00\x85", max_size=60))
def test_any_text_is_a_tree_or_the_one_error(text):
    try:
        read_tree(text, name="x.yaml")
    except TriggerError as error:
        assert error.en and error.zh


@pytest.mark.parametrize("piece", ["[", "{", "- ", "? ", "&a ", "a: [", "!", '"', "|"])
def test_a_hostile_document_ends_in_a_refusal(piece):
    with pytest.raises(TriggerError):
        read_tree(piece * (65_000 // len(piece)), name="x.yaml")
