# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every call with which a module changes something, hit by every fault: once, and for as long as the run lasts.

Hit once, the run reaches its goal all the same. Hit for good, it ends in a clear sentence, and the next run repairs everything. Never
is there more at the end than after a run without faults. Which calls there are is not listed here: each scenario is run once without a
fault, and each changing call that the local Lightsail then saw is hit. A module whose source names an operation that no scenario makes
it call fails the last test.

A lost answer is the hard one: AWS has done it, the SDK asks again, and what comes back is the answer to a repetition.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter

import pytest

from tests.unit.plugins.modules.scenarios import EVERY_TIME, SCENARIOS, Stage, module_of, name_of
from tests.unit.plugins.modules.specs import MODULES, READING, module_path, named_operations

# -- the runs ----------------------------------------------------------------------------------------------------------

# Without an answer for longer than a client waits (timeout), or a connection that ends (the lasting one, which has to be quick).
FAULTS = {
    ("throttle", "once"): dict(error="throttle"),
    ("throttle", "for good"): dict(error="throttle", times=1000),
    ("500", "once"): dict(error="500"),
    ("500", "for good"): dict(error="500", times=1000),
    ("timeout", "once"): dict(error="timeout", seconds=30),
    ("timeout", "for good"): dict(error="timeout", seconds=0.01, times=1000),
    ("lost-answer", "once"): dict(error="lost-answer"),
    ("lost-answer", "for good"): dict(error="lost-answer", times=1000),
}
SENTENCE = re.compile(
    r"^Failed to [a-z0-9 ]+ \S+( of \S+)? \((?P<operation>\w+)\): (AWS answered \w+|Connection was closed|Read timeout)"
    r".+\.$"
)


class Matrix(Stage):
    def world(self):
        """How many there are of each kind, and of each part of them: what must not be more than it should. And which instances run."""
        with self.cloud.daemon.cloud.lock:
            records = list(self.cloud.daemon.cloud.resources.values())
            parts = Counter(
                (record["type"], key, len(value) if isinstance(value, (list, dict)) else 1)
                for record in records
                for key, value in record.items()
            )
            return parts, {record["name"]: record["state"] for record in records if record["type"] == "Instance"}


@pytest.fixture
def matrix(lab, short_pauses):
    return Matrix(lab)


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([fault for fault in FAULTS if fault[0] == "lost-answer"], id="lost-answer"),
        pytest.param([fault for fault in FAULTS if fault[0] != "lost-answer"], id="others", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=name_of)
def test_faults(matrix, cloud, scenario, faults, record_property):
    run = scenario[1]
    matrix.prepare(scenario)
    saved = cloud.save()
    clean = matrix.run(run)
    assert clean["changed"]
    calls, world = matrix.seen, matrix.world()
    assert calls
    goal = None if set(calls) & EVERY_TIME else plain(matrix.run(run)["diff"]["after"])
    for position, operation in enumerate(calls):
        for error, lasting in faults:
            with_fault(matrix, saved, run, operation, calls[:position].count(operation), error, lasting, world, goal)
            record_property("pairs of a changing call and a fault", 1)


def plain(value):
    """Without what AWS makes up: ids of access keys, fingerprints of keys that it made."""
    return re.sub(r"AKIA[A-Z0-9]{16}|(key|fingerprint) [^\"]+", "", json.dumps(value, sort_keys=True))


def with_fault(matrix, saved, run, operation, after, error, lasting, world, goal):
    cloud = matrix.cloud
    cloud.restore(saved)
    matrix.lab.folder = tempfile.TemporaryDirectory()
    cloud.time_scale(0.005)  # so that a repetition finds what it repeats still under way
    cloud.fault(operation, after=after, **FAULTS[error, lasting])
    # The client is not to give up what only takes its time on a busy machine: that would be a second fault.
    patience = 5 if operation == "CreateKeyPair" else 1
    more = {"aws_config": {"read_timeout": patience}} if (error, lasting) == ("timeout", "once") else {}
    what = "%s, %s %s" % (operation, error, lasting)
    # What a lost answer brought about is found, however often the answer is lost; all others have nothing to find.
    if lasting == "once":
        result = matrix.run(run, **more)
        assert result["changed"] and operation in result["actions"], what
        cloud.admin("clear_faults")
    else:
        result = matrix.run(run, fails=None if error == "lost-answer" else True)
        cloud.admin("clear_faults")
        if result.get("failed"):
            said = SENTENCE.match(result["msg"])
            assert said and said["operation"] == operation, what + ": " + result["msg"]
            matrix.run(run)
    cloud.time_scale(0.001)
    if goal is not None:
        again = matrix.run(run)
        assert not again["changed"] and not matrix.seen, what
        assert again["diff"]["before"] == again["diff"]["after"] and plain(again["diff"]["after"]) == goal, what
    assert matrix.world() == world, what


# -- is there a scenario for each? ---------------------------------------------------------------------------------------

CHANGING = [name for name in MODULES if name.startswith(("lightsail_", "route53_")) and not name.endswith("_info")]


@pytest.mark.parametrize("module", CHANGING)
def test_each_changing_operation_has_a_scenario(matrix, cloud, module):
    missing = {operation for operation in named_operations(module_path(module)) if not operation.startswith(READING)}
    assert missing
    for scenario in SCENARIOS:
        if module_of(scenario) == module and missing:
            cloud.admin("reset")
            matrix.prepare(scenario)
            matrix.run(scenario[1])
            missing -= set(matrix.seen)
    assert not missing, "no scenario of %s in scenarios.py makes it call these" % module
