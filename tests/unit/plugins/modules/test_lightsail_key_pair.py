# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_key_pair, against the local control plane."""

from __future__ import annotations

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from ansible_collections.cloudpress.lightsail.plugins.modules.lightsail_key_pair import fingerprints

MODULE = "lightsail_key_pair"


def public(key):
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


@pytest.fixture(scope="module")
def rsa_keys():
    return [public(rsa.generate_private_key(public_exponent=65537, key_size=2048)) + " me@example.com" for dummy in range(2)]


@pytest.fixture(scope="module")
def ed25519_keys():
    return [public(ed25519.Ed25519PrivateKey.generate()) + " me@example.com" for dummy in range(2)]


@pytest.fixture(params=["rsa_keys", "ed25519_keys"])
def keys(request):
    return request.getfixturevalue(request.param)


def test_import_tag_and_delete(modules, keys):
    created = modules.cycle(MODULE, "key_pair", name="owner", public_key=keys[0], tags={"team": "web"})
    assert created["actions"] == ["ImportKeyPair", "TagResource"]
    assert created["key_pair"]["fingerprint"] in fingerprints(keys[0])

    changed = modules.cycle(MODULE, "key_pair", name="owner", tags={"team": "ops"})
    assert changed["actions"] == ["TagResource"] and changed["diff"]["before"]["tags"] == {"team": "web"}
    assert modules.cycle(MODULE, "key_pair", name="owner", tags={})["actions"] == ["UntagResource"]

    removed = modules.cycle(MODULE, "key_pair", name="owner", state="absent")
    assert removed["actions"] == ["DeleteKeyPair"]


def test_another_key_is_an_error_unless_replacing_is_allowed(modules, keys):
    modules(MODULE, name="owner", public_key=keys[0], tags={"team": "web"})
    failure = modules(MODULE, name="owner", public_key=keys[1], fails=True)
    assert "cannot be changed" in failure["msg"] and "allow_replace" in failure["msg"]
    assert fingerprints(keys[0])[0] in failure["msg"] or fingerprints(keys[0])[1] in failure["msg"]

    replaced = modules.cycle(MODULE, "key_pair", name="owner", public_key=keys[1], allow_replace=True)
    assert replaced["actions"] == ["DeleteKeyPair", "ImportKeyPair", "TagResource"]
    assert replaced["key_pair"]["tags"] == {"team": "web"}


def test_a_pair_made_by_aws_is_taken_as_it_is(modules, keys):
    boto3.client("lightsail").create_key_pair(keyPairName="owner")
    assert modules(MODULE, name="owner", public_key=keys[0])["changed"] is False


def test_a_lost_answer_is_adopted_only_if_the_key_is_ours(modules, cloud, keys):
    cloud.fault("ImportKeyPair", "lost-answer")
    assert modules(MODULE, name="owner", public_key=keys[0], tags={"team": "web"})["key_pair"]["tags"] == {"team": "web"}


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----", "private key"),
        ("ssh-rsa not-base-64", "not one line in the format of OpenSSH"),
        ("nonsense", "not one line in the format of OpenSSH"),
        ("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==", "not one line in the format of OpenSSH"),
    ],
)
def test_what_is_no_public_key_is_refused_without_a_change(modules, text, sentence):
    failure = modules(MODULE, name="owner", public_key=text, fails=True)
    assert sentence in failure["msg"] and "abc" not in failure["msg"]
    assert modules.mutating() == []


def test_creating_needs_the_key(modules):
    assert "without public_key" in modules(MODULE, name="owner", fails=True)["msg"]
