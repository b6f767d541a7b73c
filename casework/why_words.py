"""The answer to why, as lines for people, in Chinese or in English. Pure; no personal field comes this far."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from casework.why import Answer, Done
from casework.why_facts import FactUsed
from casework.why_outcome import Code, Outcome
from casework.wording import REASONS, VERDICTS, spoken, state_words
from rules.ast import Not, walk
from rules.errors import Words
from rules.explain import Clause, Comparison
from rules.formula import How
from rules.sentence import Language

_OUTCOMES: dict[Code, Words] = {
    Code.FORESEEN: Words(zh="已列入计划，时刻为 {moment}", en="foreseen for {moment}"),
    Code.OPEN: Words(zh="办理中，时刻为 {moment}", en="in progress, its moment is {moment}"),
    Code.FULFILLED: Words(zh="已于 {on} 办结，时刻为 {moment}", en="fulfilled on {on}, its moment was {moment}"),
    Code.WITHDRAWN: Words(zh="已于 {on} 撤回：{reason}", en="withdrawn on {on}: {reason}"),
    Code.WITHHELD: Words(zh="自 {on} 起暂不办理：{reason}", en="withheld since {on}: {reason}"),
    Code.NOT_BEGUN: Words(zh="当日尚未开始，{on} 才开始", en="not begun by then; it was begun on {on}"),
    Code.COUNTED: Words(zh="只计入人数，不派发任务", en="counted in its cohort; this trigger gives no tasks"),
    Code.NOT_PUBLISHED: Words(zh="触发器 {on} 才首次发布", en="the trigger was not published yet; that was on {on}"),
    Code.TRIGGER_WITHDRAWN: Words(zh="触发器已于 {on} 撤下", en="the trigger was withdrawn on {on}"),
    Code.NOT_RECORDED: Words(
        zh="当日尚无此人的记录，最早为 {on}", en="not on record by then; the first record is of {on}"
    ),
    Code.LEFT_POPULATION: Words(zh="未办理：{reason}", en="nothing was done: {reason}"),
    Code.MERGED: Words(zh="未办理：该档案已并入其他档案", en="nothing was done: the record was merged into another"),
    Code.DECEASED: Words(zh="未办理：{reason}", en="nothing was done: {reason}"),
    Code.MOVED_OUT: Words(zh="未办理：{reason}", en="nothing was done: {reason}"),
    Code.BACKLOG: Words(
        zh="未办理：首次发布前（{on}）条件已成立，属于存量，触发器写明存量不办（backlog: none）",
        en="nothing was done: it held already before the first publication ({on}), and the trigger leaves "
        "the backlog alone (backlog: none)",
    ),
    Code.UNKNOWN: Words(zh="未办理：资料不足，无法判断", en="nothing was done: the facts do not decide it"),
    Code.NOT_YET: Words(
        zh="尚未到期：若事实不变，时刻为 {moment}，最早 {on} 开始办理",
        en="not due yet: if no fact changes, the moment is {moment} and work begins on {on}",
    ),
    Code.AWAITS_CLOSE: Words(
        zh="已到期（时刻 {moment}），等待下一次日终处理", en="due (moment {moment}); the next close of a day begins it"
    ),
    Code.CAME_LATER: Words(
        zh="未办理：{moment} 时此人尚未来到本市", en="nothing was done: the resident came after {moment}"
    ),
    Code.NOT_DUE: Words(zh="未办理：条件不成立", en="nothing was done: the condition does not hold"),
}

#: Questions without a bound.
_ASKED: dict[How, Words] = {
    How.FILLED: Words(zh="有值", en="on record"),
    How.NULL: Words(zh="无值", en="not on record"),
    How.TRUE: Words(zh="为是", en="true"),
    How.FALSE: Words(zh="为否", en="false"),
}


def lines(answer: Answer, lang: Language) -> Iterator[str]:
    """Yield the answer line by line."""
    yield from _head(answer, lang)
    yield from _conditions(answer, lang)
    yield from _facts(answer, lang)
    yield from _known_then(answer, lang)
    yield from _ahead(answer, lang)
    yield from _work(answer, lang)


def outcome_words(outcome: Outcome, lang: Language) -> str:
    """Return what was done, or why not, in one sentence."""
    reason = spoken(REASONS[outcome.reason], lang) if outcome.reason else _say(lang, "无", "none")
    return spoken(_OUTCOMES[outcome.code], lang).format(on=_day(outcome.on, lang), moment=outcome.moment, reason=reason)


def _say(lang: Language, zh: str, en: str) -> str:
    return zh if lang is Language.ZH else en


def _day(day: date | None, lang: Language) -> str:
    return _say(lang, "最初", "the beginning") if day is None or day == date.min else day.isoformat()


def _head(answer: Answer, lang: Language) -> Iterator[str]:
    question, published = answer.question, answer.published
    title = spoken(published.trigger.title, lang)
    version = _say(
        lang,
        f"第 {published.version} 版，{published.published_on} 发布",
        f"version {published.version}, published on {published.published_on}",
    )
    yield f"{question.resident_id} · {question.trigger_id} {title} ({version}) · {question.on}"
    verdict = answer.explanation.verdict if answer.explanation else None
    said = spoken(VERDICTS[verdict], lang) if verdict else _say(lang, "当日无记录", "not on record")
    yield _say(lang, "条件：", "condition: ") + f"{verdict or '-'} {said}"
    yield _say(lang, "结果：", "outcome: ") + outcome_words(answer.outcome, lang)
    standing = answer.standing
    if standing is not None and standing.on != question.on:
        said = f"{standing.verdict} {spoken(VERDICTS[standing.verdict], lang)}"
        yield _say(lang, f"按 {standing.on} 复核：{said}", f"re-checked as of {standing.on}: {said}")


def _conditions(answer: Answer, lang: Language) -> Iterator[str]:
    if answer.explanation is None:
        return
    yield _say(lang, "逐条：", "clauses:")
    negated = _negated(answer)
    for clause in answer.explanation.clauses:
        turned = _say(lang, "（规则中取反）", " (negated in the rule)") if clause.id in negated else ""
        yield f"  {clause.verdict:<8}{spoken(clause.words, lang)}{turned}{_detail(clause, lang)}"


def _negated(answer: Answer) -> set[str]:
    """Return the ids of the atoms below an odd number of negations: there, FALSE is what the rule wants."""
    nodes = dict(walk(answer.published.condition.full))
    negations = [path for path, node in nodes.items() if isinstance(node, Not)]
    return {path for path in nodes if sum(path.startswith(f"{above}.") for above in negations) % 2}


def _detail(clause: Clause, lang: Language) -> str:
    if clause.column:
        parts = [_comparison(part, lang) for part in clause.comparisons]
    else:
        # The clause about presence asks the same columns in several ways; the facts say enough.
        parts = list(dict.fromkeys(f"{part.column} = {_value(part.fact, lang)}" for part in clause.comparisons))
    if clause.turns_on is not None:
        parts.append(_say(lang, f"{clause.turns_on} 起变化", f"turns on {clause.turns_on}"))
    return f"  [{'; '.join(parts)}]" if parts else ""


def _comparison(part: Comparison, lang: Language) -> str:
    fact = _value(part.fact, lang)
    asked = spoken(_ASKED[part.how], lang) if part.how in _ASKED else f"{part.how} {_value(part.bound, lang)}"
    return _say(lang, f"{part.column} = {fact}，要求 {asked}", f"{part.column} = {fact}, asked: {asked}")


def _value(value: Any, lang: Language) -> str:
    match value:
        case None:
            return _say(lang, "无", "absent")
        case bool():
            return str(value).lower()
        case frozenset() | set() | tuple():
            return ", ".join(sorted(map(str, value)))
        case _:
            return str(value)


def _facts(answer: Answer, lang: Language) -> Iterator[str]:
    if answer.facts:
        yield _say(lang, "依据：", "facts:")
    doubts = dict(answer.doubts)
    for fact in answer.facts:
        doubt = f" ! {doubts[fact.name]}" if fact.name in doubts else ""
        yield f"  {fact.name} = {_fact(fact, lang)}{doubt}  [{_origin(fact, lang)}]"


def _fact(fact: FactUsed, lang: Language) -> str:
    text = _value(fact.value, lang)
    if fact.earliest is not None and fact.earliest != fact.latest:
        return f"{text} ({fact.earliest}..{fact.latest})"
    if fact.value is not None and fact.earliest is None and fact.name == "birth_date":
        return _say(
            lang, f"{text}（核查中或有矛盾，不作依据）", f"{text} (under investigation or contradictory, not relied on)"
        )
    return text


def _origin(fact: FactUsed, lang: Language) -> str:
    valid = _day(fact.valid_from, lang)
    return _say(
        lang,
        f"第 {fact.version} 版，{fact.source}，自 {valid} 有效，{fact.known_on} 得知",
        f"version {fact.version}, {fact.source}, valid from {valid}, known on {fact.known_on}",
    )


def _known_then(answer: Answer, lang: Language) -> Iterator[str]:
    then = answer.then
    if then is None:
        return
    learned = ", ".join(day.isoformat() for day in then.learned_on)
    said = spoken(VERDICTS[then.verdict], lang) if then.verdict else _say(lang, "当时尚无记录", "not on record then")
    yield _say(
        lang,
        f"当时所知：{then.verdict or '-'} {said}；现在所知于 {learned} 得知",
        f"as known then: {then.verdict or '-'} {said}; what is known now was learned on {learned}",
    )
    for one in then.altered:
        yield _say(
            lang,
            f"  {one.name}：当时 {_value(one.then, lang)}，现在 {_value(one.now, lang)}",
            f"  {one.name}: then {_value(one.then, lang)}, now {_value(one.now, lang)}",
        )


def _ahead(answer: Answer, lang: Language) -> Iterator[str]:
    explanation = answer.explanation
    if explanation is None:
        return
    if explanation.missing:
        yield _say(lang, "缺少：", "missing: ") + ", ".join(explanation.missing)
    for one in explanation.failing.sets:
        change = ", ".join(f"{name} → {_value(one.change.get(name), lang)}" for name in one.fields)
        yield _say(lang, f"若要成立，只需：{change}", f"it would hold with: {change}")
    if not explanation.failing.complete:
        yield _say(lang, "（组合过多，未列全）", "(too many combinations; not all are listed)")
    if answer.turns:
        turns = ", ".join(f"{day} {found}" for day, found in answer.turns)
        yield _say(lang, f"若事实不变，此后：{turns}", f"if no fact changes, from then on: {turns}")


def _work(answer: Answer, lang: Language) -> Iterator[str]:
    for done in answer.done:
        yield from _occurrence(answer, done, lang)
    for task in answer.own_tasks:
        state = state_words(task.state, task.reason, lang)
        due = _say(lang, f"{task.due_on} 到期", f"due {task.due_on}")
        yield (
            _say(lang, "任务 ", "task ")
            + f"{task.task_id}: {task.department} {task.kind}, {due}, {state} {task.state_on}"
        )
    for place in answer.places:
        share = "" if place.days == place.of_days else f" {place.days}/{place.of_days}"
        yield _say(lang, "计入 ", "counted in ") + f"{place.cohort} {place.entry_year} {place.zone or '-'}{share}"


def _occurrence(answer: Answer, done: Done, lang: Language) -> Iterator[str]:
    occurrence, case = done.occurrence, answer.case
    state = state_words(occurrence.state, occurrence.reason, lang)
    yield _say(
        lang,
        f"事项 {occurrence.occurrence_id}：时刻 {occurrence.moment}，{state}，{occurrence.created_on} 开始",
        f"occurrence {occurrence.occurrence_id}: moment {occurrence.moment}, {state}, begun on {occurrence.created_on}",
    )
    for step in occurrence.steps:
        on = f" {step.state_on}" if step.state_on else ""
        again = _say(lang, f"，{step.retry_on} 再看", f", again on {step.retry_on}") if step.retry_on else ""
        yield f"  {step.step}  {step.day}  {state_words(step.state, step.reason, lang)}{on}{again}"
    for task in sorted(case.tasks.values(), key=lambda task: (task.created_on, task.task_id)):
        if task.occurrence_id == occurrence.occurrence_id:
            due = _say(lang, f"{task.due_on} 到期", f"due {task.due_on}")
            state = state_words(task.state, task.reason, lang)
            name = _say(lang, "任务", "task")
            where = f"{task.department} {task.kind}"
            yield f"    {name} {task.step}: {where}, {due}, {state} {task.state_on}  {task.task_id}"
    for note in sorted(case.notifications.values(), key=lambda note: (note.created_on, note.notification_id)):
        if note.occurrence_id == occurrence.occurrence_id:
            state = state_words(note.state, note.reason, lang)
            name = _say(lang, "通知", "message")
            yield f"    {name} {note.step}: {note.to} {note.channel} {note.template}, {state} {note.state_on}"
