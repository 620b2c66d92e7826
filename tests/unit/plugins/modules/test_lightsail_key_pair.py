# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_key_pair, against the local control plane."""

from __future__ import annotations

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from ansible_collections.cloudpress.lightsail.plugins.modules.lightsail_key_pair import fingerprints, private_fingerprint

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


def test_aws_makes_a_pair_and_its_private_key_is_written_once(modules, tmp_path):
    path = tmp_path / "robots.pem"
    made = modules.cycle(MODULE, "key_pair", name="robots", private_key_file=str(path), tags={"a": "b"})
    assert made["actions"] == ["CreateKeyPair"] and "private_key" not in made["key_pair"]
    assert path.stat().st_mode & 0o777 == 0o600 and [file.name for file in tmp_path.iterdir()] == ["robots.pem"]
    assert private_fingerprint(path.read_text()) == made["key_pair"]["fingerprint"]
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    again_as_pkcs8 = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    assert private_fingerprint(again_as_pkcs8.decode()) == made["key_pair"]["fingerprint"]
    assert "PRIVATE KEY" not in str(made)

    for content in (None, "not a key", serialized(rsa.generate_private_key(public_exponent=65537, key_size=2048))):
        path.unlink() if content is None else path.write_text(content)
        failure = modules(MODULE, name="robots", private_key_file=str(path), fails=True)
        assert "does not hold the private key of this pair" in failure["msg"] and "set allow_replace" in failure["msg"]
    modules.mutating()
    replaced = modules.cycle(MODULE, "key_pair", name="robots", private_key_file=str(path), allow_replace=True)
    assert replaced["actions"] == ["DeleteKeyPair", "CreateKeyPair", "TagResource"] and replaced["key_pair"]["tags"] == {"a": "b"}
    assert private_fingerprint(path.read_text()) == replaced["key_pair"]["fingerprint"] != made["key_pair"]["fingerprint"]


def serialized(key):
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def test_a_file_in_the_way_is_told_before_anything_is_made(modules, tmp_path):
    path = tmp_path / "robots.pem"
    path.write_text("precious")
    for check in (True, False):
        assert "would be written over" in modules(MODULE, name="robots", private_key_file=str(path), check=check, fails=True)["msg"]
        nowhere = str(tmp_path / "none" / "robots.pem")
        assert "a folder that exists" in modules(MODULE, name="robots", private_key_file=nowhere, check=check, fails=True)["msg"]
        assert "a folder that exists" in modules(MODULE, name="robots", private_key_file=str(tmp_path), check=check, fails=True)["msg"]
    assert modules.mutating() == [] and path.read_text() == "precious"
    assert modules(MODULE, name="robots", private_key_file=str(path), allow_replace=True)["actions"] == ["CreateKeyPair"]


def test_a_private_key_is_returned_once_and_only_on_request(modules):
    made = modules(MODULE, name="robots", return_private_key=True)
    assert private_fingerprint(made["key_pair"]["private_key"]) == made["key_pair"]["fingerprint"]
    again = modules(MODULE, name="robots", return_private_key=True)
    assert again["changed"] is False and "private_key" not in again["key_pair"]


def test_a_pair_whose_private_key_was_lost_is_made_again(modules, cloud, tmp_path):
    cloud.fault("CreateKeyPair", "lost-answer")
    path = tmp_path / "robots.pem"
    made = modules(MODULE, name="robots", private_key_file=str(path), tags={"a": "b"})
    assert made["actions"] == ["DeleteKeyPair", "CreateKeyPair"]
    assert private_fingerprint(path.read_text()) == made["key_pair"]["fingerprint"]
    cloud.fault("CreateKeyPair", "lost-answer", times=1000)
    assert modules(MODULE, name="others", return_private_key=True, fails=True)["actions"] == ["DeleteKeyPair", "DeleteKeyPair"]
    cloud.admin("clear_faults")
    assert modules(MODULE, name="others", return_private_key=True)["key_pair"]["private_key"]


@pytest.mark.parametrize("operation", ["ImportKeyPair", "TagResource"])
def test_a_replacement_that_fails_half_way_tells_what_is_lost(modules, cloud, keys, short_pauses, operation):
    modules(MODULE, name="owner", public_key=keys[0], tags={"team": "web"})
    cloud.fault(operation, "throttle", times=1000)
    failure = modules(MODULE, name="owner", public_key=keys[1], allow_replace=True, fails=True)
    assert "(%s): AWS answered ThrottlingException" % operation in failure["msg"]
    assert failure["msg"].endswith("The key pair owner had the tags team=web, which have to be set again.")
    cloud.admin("clear_faults")
    assert modules(MODULE, name="owner", public_key=keys[1], tags={"team": "web"})["key_pair"]["tags"] == {"team": "web"}


def test_creating_needs_the_key(modules):
    assert "without public_key, private_key_file or return_private_key" in modules(MODULE, name="owner", fails=True)["msg"]
