from datetime import date

import pytest

from casework.why_outcome import Code, Outcome
from casework.why_words import outcome_words
from models.vocabulary.states import Reason
from rules.sentence import Language


@pytest.mark.parametrize("lang", list(Language))
@pytest.mark.parametrize("code", list(Code))
def test_every_outcome_is_a_sentence_without_gaps(code, lang):
    outcome = Outcome(code=code, reason=Reason.DECEASED, moment=date(2026, 3, 1), on=date(2026, 2, 1))
    said = outcome_words(outcome, lang)
    assert said and "{" not in said and "None" not in said
