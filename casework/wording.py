"""States and reasons in the words of people, in Chinese and in English."""

from __future__ import annotations

from models.vocabulary.states import Reason
from models.vocabulary.verdict import Verdict
from rules.errors import Words
from rules.sentence import Language


def _words(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)


#: Why something was withheld or withdrawn, or has failed; the glossary says the same.
REASONS: dict[Reason, Words] = {
    Reason.LATE: _words("步骤日期已过", "its day had passed"),
    Reason.UNKNOWN: _words("资料不足，无法判断", "the facts do not decide it"),
    Reason.NEEDS: _words("等待前一步骤完成", "it waits for an earlier step"),
    Reason.BEREAVEMENT: _words("家中三十日内有丧事", "a death in the household within 30 days"),
    Reason.OPTED_OUT: _words("本人不接收推送", "the recipient wants no messages"),
    Reason.PROTECTED: _words("住址保密", "the address is shielded"),
    Reason.NO_RECIPIENT: _words("没有可联系的收件人", "nobody can be addressed"),
    Reason.FRESH_DEATH: _words("死亡登记未满五日，暂不打扰家属", "survivors are left alone for five days"),
    Reason.MERGED: _words("已在并入的档案下办理", "it was done under the other record"),
    Reason.PAUSED: _words("操作员已暂停", "an operator paused it"),
    Reason.SIBLING: _words("同胞已收到同一通知", "a sibling of the same birth gets the same notice"),
    Reason.VOLUME: _words("本批数量异常，等待两人放行", "its run was out of bounds; two people let it go"),
    Reason.DECEASED: _words("居民已死亡", "the resident has died"),
    Reason.MOVED_OUT: _words("居民已迁出", "the resident has left"),
    Reason.LEFT_POPULATION: _words("来源已删除该记录", "the row was deleted at its source"),
    Reason.NOT_DUE: _words("条件不再成立", "the condition is not true any more"),
    Reason.OPENED_IN_ERROR: _words(
        "依据的事实已更正或注销，属误开", "opened in error: the fact behind it was taken back"
    ),
    Reason.REFUSED: _words("部门不予办理", "the department, or the gateway, said no"),
    Reason.TRIGGER_WITHDRAWN: _words("触发器已撤下", "the trigger is no longer published"),
    Reason.SETTLED: _words("所问的事实已查明", "what it asked for is known now"),
    Reason.RECALLED: _words("操作员已召回", "an operator took it back"),
    Reason.CROSSED: _words("撤回时已经发出", "it left while it was being stopped"),
    Reason.EXHAUSTED: _words("多次尝试均未成功", "every try has failed"),
    Reason.UNDELIVERABLE: _words("没有可用的渠道或文本", "no channel is set up for it, or its text cannot be written"),
}

#: States of occurrences, steps, tasks and notifications.
STATES: dict[str, Words] = {
    "foreseen": _words("已预见", "foreseen"),
    "open": _words("办理中", "open"),
    "fulfilled": _words("已办结", "fulfilled"),
    "withdrawn": _words("已撤回", "withdrawn"),
    "withheld": _words("暂不办理", "withheld"),
    "planned": _words("待办", "planned"),
    "dispatched": _words("已派发", "dispatched"),
    "claimed": _words("已领取", "claimed"),
    "done": _words("已完成", "done"),
    "sent": _words("已发出", "sent"),
    "delivered": _words("已送达", "delivered"),
    "failed": _words("发送失败", "failed"),
}

VERDICTS: dict[Verdict, Words] = {
    Verdict.TRUE: _words("成立", "holds"),
    Verdict.FALSE: _words("不成立", "does not hold"),
    Verdict.UNKNOWN: _words("无法判断", "cannot be decided"),
}


def spoken(words: Words, lang: Language) -> str:
    """Return a text in one language."""
    return words.zh if lang is Language.ZH else words.en


def state_words(state: str, reason: Reason | None, lang: Language) -> str:
    """Return a state with its reason in one language."""
    text = spoken(STATES[state], lang)
    if reason is None:
        return text
    why = spoken(REASONS[reason], lang)
    return f"{text}（{why}）" if lang is Language.ZH else f"{text} ({why})"
