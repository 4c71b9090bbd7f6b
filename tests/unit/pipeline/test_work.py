"""The names of judgings."""

from typing import Any

import pytest

from app.pipeline.work import run_key

SAME: dict[str, Any] = {"repository": "o/r", "number": 1, "head": "h", "base": "b", "policy": "p"}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"repository": "o/other"}, id="repository"),
        pytest.param({"number": 2}, id="number"),
        pytest.param({"head": "x"}, id="head"),
        pytest.param({"base": "x"}, id="base"),
        pytest.param({"policy": "x"}, id="policy"),
        pytest.param({"attempt": 2}, id="attempt"),
        pytest.param({"head": "hb", "base": ""}, id="no field runs into the next"),
    ],
)
def test_each_part_counts(changed: dict[str, Any]) -> None:
    assert run_key(**SAME) != run_key(**{**SAME, **changed})


def test_letter_case_of_the_repository_does_not() -> None:
    assert run_key(**SAME) == run_key(**{**SAME, "repository": "O/R"})
