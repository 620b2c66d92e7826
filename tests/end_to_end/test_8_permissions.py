"""The story's calls against docs/policies/site.json: a whole life needs no more, and the part for a life has nothing to spare."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

POLICY = json.loads((Path(__file__).parents[2] / "docs" / "policies" / "site.json").read_text())["Statement"]
ALLOWED = {statement["Sid"]: set(statement["Action"]) for statement in POLICY}


@pytest.fixture(scope="module")
def called(cloud):
    """The operations that the collection's plugins called, from the first run to the end of the teardown."""
    calls = {f"{call['service']}:{call['operation']}" for call in cloud.calls() if call["agent"] == "cloudpress.lightsail"}
    if not calls >= {"lightsail:CreateInstances", "lightsail:DeleteLoadBalancer"}:
        pytest.skip("the story was not told from its beginning to its end")
    return calls


def test_a_life_is_allowed(called):
    assert called - set().union(*ALLOWED.values()) == set()


def test_a_life_uses_all_that_is_for_it(called):
    assert (ALLOWED["Read"] | ALLOWED["BuildAndTearDown"]) - called == set()
