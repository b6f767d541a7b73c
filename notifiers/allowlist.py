"""The part of Jinja2 that a text may use, checked on the text's own syntax tree before anything is compiled.

Allowed are declared fields, the filters of `fields.FILTERS`, and if / elif / else over declared fields. Everything else
(calls, loops, arithmetic, attributes, items, macros, includes, assignments) is refused, so that no sandbox has to be
trusted: what is left can neither run anything nor grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from jinja2 import nodes

from notifiers.errors import TextError
from notifiers.fields import FILTERS, Field, FieldKind

#: Ifs inside each other; a text that needs more is two texts.
DEEPEST: Final = 3
#: What a condition may be built of inside itself.
_LONGEST_TEST: Final = 8
_FILTERS_OF = {kind: [name for name, (_, of) in FILTERS.items() if of is kind] for kind in FieldKind}
_WHAT: Final = {
    nodes.Call: ("调用", "a call"),
    nodes.For: ("循环", "a loop"),
    nodes.Getattr: ("取属性", "an attribute"),
    nodes.Getitem: ("取下标", "an item"),
    nodes.Assign: ("赋值", "an assignment"),
    nodes.Const: ("常量", "a constant"),
    nodes.CondExpr: ("行内条件", "an inline if"),
    nodes.Macro: ("宏", "a macro"),
    nodes.Include: ("包含", "an include"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where the check stands, and which fields it may meet there."""

    place: str
    fields: Mapping[str, Field]
    #: Optional fields that an enclosing `if` has found to be there.
    present: frozenset[str] = frozenset()
    depth: int = 0


def used_fields(*, tree: nodes.Template, scope: Scope) -> frozenset[str]:
    """Return the fields that a text uses; raises TextError at the first thing that is not allowed."""
    return frozenset(_block(tree.body, scope))


def _block(body: Iterable[nodes.Node], scope: Scope) -> Iterator[str]:
    for node in body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData):
                    yield _printed(part, scope)
        elif isinstance(node, nodes.If):
            yield from _choice(node, scope)
        else:
            raise _refused(node, scope)


def _choice(node: nodes.If, scope: Scope) -> Iterator[str]:
    if scope.depth >= DEEPEST:
        zh = f"条件嵌套超过 {DEEPEST} 层；请拆成两份文本"
        raise _error(node, scope, zh, f"more than {DEEPEST} ifs inside each other; write two texts")
    for branch in (node, *node.elif_):
        yield from _test(branch.test, scope, _LONGEST_TEST)
        inside = replace(scope, depth=scope.depth + 1, present=scope.present | _ascertained(branch.test))
        yield from _block(branch.body, inside)
    yield from _block(node.else_, replace(scope, depth=scope.depth + 1))


def _ascertained(test: nodes.Node) -> frozenset[str]:
    """Return the fields that are certainly there when the test holds."""
    if isinstance(test, nodes.Name):
        return frozenset({test.name})
    if isinstance(test, nodes.And):
        return _ascertained(test.left) | _ascertained(test.right)
    if isinstance(test, nodes.Compare) and isinstance(test.expr, nodes.Name) and test.ops[0].op == "eq":
        return frozenset({test.expr.name})
    return frozenset()


def _test(node: nodes.Node, scope: Scope, budget: int) -> Iterator[str]:
    if budget == 0:
        raise _error(node, scope, "条件过长；请拆开", "the condition is too long; split it")
    if isinstance(node, nodes.Name):
        yield _declared(node, scope).name
    elif isinstance(node, nodes.Not):
        yield from _test(node.node, scope, budget - 1)
    elif isinstance(node, nodes.And | nodes.Or):
        yield from _test(node.left, scope, budget - 1)
        yield from _test(node.right, scope, budget - 1)
    elif isinstance(node, nodes.Compare):
        yield _compared(node, scope)
    else:
        raise _refused(node, scope)


def _compared(node: nodes.Compare, scope: Scope) -> str:
    name, value = node.expr, node.ops[0].expr
    plain = len(node.ops) == 1 and node.ops[0].op in ("eq", "ne")
    if not (plain and isinstance(name, nodes.Name) and isinstance(value, nodes.Const) and isinstance(value.value, str)):
        zh, en = (
            '比较只能写成 字段 == "值" 或 字段 != "值"',
            'a comparison is written field == "value" or field != "value"',
        )
        raise _error(node, scope, zh, en)
    field = _declared(name, scope)
    if field.kind is not FieldKind.TEXT:
        zh, en = f'字段 "{field.name}" 不是文本，不能比较', f'field "{field.name}" is no text and cannot be compared'
        raise _error(node, scope, zh, en)
    return field.name


def _printed(node: nodes.Node, scope: Scope) -> str:
    """Return the name of the field that an output prints; its kind decides through which filter."""
    name = ""
    inner: nodes.Node | None = node
    if isinstance(node, nodes.Filter):
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise _error(node, scope, "过滤器不带参数", "filters take no arguments here; write {{ field | filter }}")
        name, inner = node.name, node.node
    if not isinstance(inner, nodes.Name):
        raise _refused(inner or node, scope)
    field = _declared(inner, scope)
    if name not in _FILTERS_OF[field.kind] and (name or field.kind is not FieldKind.TEXT):
        ways = " / ".join(f"{{{{ {field.name} | {f} }}}}" for f in _FILTERS_OF[field.kind])
        zh = f'{field.kind} 字段 "{field.name}" 请写成 {ways}'
        raise _error(node, scope, zh, f'{field.kind} field "{field.name}" is printed as {ways}')
    if field.optional and field.name not in scope.present:
        guard = f"{{% if {field.name} %}}…{{% endif %}}"
        zh = f'可缺字段 "{field.name}" 须放在 {guard} 之内'
        raise _error(node, scope, zh, f'field "{field.name}" may be absent; put it into {guard}')
    return field.name


def _declared(node: nodes.Name, scope: Scope) -> Field:
    if node.name not in scope.fields:
        shown, listed = node.name[:40], ", ".join(sorted(scope.fields)) or "-"
        zh = f'字段 "{shown}" 未声明；请写入 fields，或使用：{listed}'
        raise _error(node, scope, zh, f'field "{shown}" is not declared; add it to `fields` or use one of: {listed}')
    return scope.fields[node.name]


def _refused(node: nodes.Node, scope: Scope) -> TextError:
    zh, en = _WHAT.get(type(node), (type(node).__name__, f"a {type(node).__name__}"))
    return _error(
        node,
        scope,
        f"此处不允许{zh}；只能写 {{{{ 字段 }}}}、{{{{ 字段 | 过滤器 }}}} 和 {{% if 字段 %}}",
        f"{en} is not allowed; write only {{{{ field }}}}, {{{{ field | filter }}}} and {{% if field %}}",
    )


def _error(node: nodes.Node, scope: Scope, zh: str, en: str) -> TextError:
    return TextError(place=f"{scope.place}, line {node.lineno}", zh=zh, en=en)
