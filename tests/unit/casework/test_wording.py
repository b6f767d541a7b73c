import pytest

from casework.wording import REASONS, STATES, VERDICTS, state_words
from models.vocabulary.states import NotificationState, OccurrenceState, Reason, StepState, TaskState
from models.vocabulary.verdict import Verdict
from rules.sentence import Language


def test_every_reason_and_every_verdict_has_words_in_both_languages():
    assert set(REASONS) == set(Reason)
    assert set(VERDICTS) == set(Verdict)
    assert all(words.zh and words.en for words in (*REASONS.values(), *VERDICTS.values(), *STATES.values()))


@pytest.mark.parametrize("states", [OccurrenceState, StepState, TaskState, NotificationState])
def test_every_state_has_words(states):
    assert {state.value for state in states} <= set(STATES)


def test_a_state_is_told_with_its_reason():
    assert state_words("withheld", Reason.LATE, Language.EN) == "withheld (its day had passed)"
    assert state_words("withheld", Reason.LATE, Language.ZH) == "暂不办理（步骤日期已过）"
    assert state_words("open", None, Language.EN) == "open"
