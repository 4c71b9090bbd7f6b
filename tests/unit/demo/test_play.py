"""When the demo says that an outcome was not as it must be."""

from pathlib import Path
from typing import Any

import pytest

from app.demo.library import Checkout
from app.demo.play import Opened, Wanted
from app.demo.scenes import SCENES

HONEST = Wanted(
    Opened(SCENES[0], 7, "ab" * 20, Checkout(Path("nowhere"))), "action_required", ("review-missing",), gate=False
)
AS_IT_MUST_BE = {
    "status": "completed",
    "conclusion": "action_required",
    "codes": {"review-missing", "flaky"},
    "gate_open": False,
}


def test_an_outcome_as_it_must_be_may_have_further_reasons() -> None:
    assert HONEST.met_by(AS_IT_MUST_BE)


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        pytest.param({"conclusion": "success"}, "says 'success'", id="another-conclusion"),
        pytest.param({"conclusion": None, "status": "in_progress"}, "says 'in_progress'", id="not-ended"),
        pytest.param({"conclusion": None, "status": "", "codes": set()}, "says '' (no reasons)", id="not-posted"),
        pytest.param({"codes": {"flaky"}}, "(flaky)", id="the-reason-is-missing"),
        pytest.param({"gate_open": True}, "the gate is open", id="the-gate-is-open"),
    ],
)
def test_every_difference_counts_and_is_named_beside_what_had_to_be(otherwise: dict[str, Any], said: str) -> None:
    found = AS_IT_MUST_BE | otherwise
    assert not HONEST.met_by(found)
    told = HONEST.difference(found)
    assert said in told
    assert "#7" in told
    assert "it had to be 'action_required' (review-missing), closed" in told
