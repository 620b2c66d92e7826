# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the SDK decides unless it is told: how often a call is repeated, and which parameters there are."""

from __future__ import annotations

import time
from types import SimpleNamespace

import boto3
import botocore.endpoint
import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core

BUCKET = dict(name="example-media-7f3a", cors=[{"allowed_methods": ["GET"], "allowed_origins": ["*"]}])


@pytest.mark.parametrize("mode", [None, "legacy", "standard", "adaptive"])
def test_how_often_a_call_is_repeated_is_ours_to_say(modules, cloud, monkeypatch, mode):
    """The default differs between releases of botocore, and the environment could set it."""
    if mode:
        monkeypatch.setenv("AWS_RETRY_MODE", mode)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(time=time.time, sleep=lambda seconds: None))
    cloud.fault("AllocateStaticIp", "throttle", times=100)
    modules("lightsail_static_ip", name="ip", fails=True)
    assert modules.mutating() == ["AllocateStaticIp"] * _core.RETRIES["total_max_attempts"]


def test_a_parameter_that_the_sdk_does_not_know_is_refused_with_the_release_that_does(modules, monkeypatch):
    modules("lightsail_bucket", name=BUCKET["name"])
    modules.mutating()
    known = _core.has_member
    monkeypatch.setattr(_core, "has_member", lambda shape, path: path != ["includeCors"] and known(shape, path))
    for check in (True, False):
        said = modules("lightsail_bucket", fails=True, check=check, **BUCKET)["msg"]
        assert said.endswith("does not know includeCors of GetBuckets; boto3 1.41.0 does: install it or a newer one to use this option.")
    assert modules.mutating() == []


def test_the_releases_are_for_what_the_oldest_sdk_lacks():
    if boto3.__version__ != _core.OLDEST_BOTO3:
        pytest.skip("make test-oldest runs this")
    model = boto3.client("lightsail", region_name="eu-central-1").meta.service_model
    for operation, member in (("UpdateBucket", "cors"), ("PutAlarm", "tags"), ("CreateDistribution", "wafRules"), ("StartInstance", "attributeUpdates")):
        assert member in _core.KNOWN_BY and member not in model.operation_model(operation).input_shape.members
