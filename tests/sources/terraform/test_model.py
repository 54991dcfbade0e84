"""The shape that roots and plans share."""

from __future__ import annotations

import inspect

import pytest

from stackworthy.sources.terraform.model import EvaluatedRoot
from stackworthy.sources.terraform.plan import PlanRoot
from stackworthy.sources.terraform.root import Root

METHODS = [name for name, item in vars(EvaluatedRoot).items() if inspect.isfunction(item) and name[0] != "_"]


@pytest.mark.parametrize("source", [Root, PlanRoot])
@pytest.mark.parametrize("name", METHODS)
def test_roots_and_plans_answer_the_same_questions(source, name):
    asked = list(inspect.signature(getattr(EvaluatedRoot, name)).parameters.values())
    answered = list(inspect.signature(getattr(source, name)).parameters.values())
    assert [parameter.kind for parameter in answered] == [parameter.kind for parameter in asked]
