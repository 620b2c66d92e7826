#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_key_pair
short_description: Manage SSH key pairs in Amazon Lightsail
version_added: 0.1.0
description:
  - Imports SSH public keys into a region, so that new instances accept the private key of their owner, and removes them.
  - Lets AWS make a pair where that is wanted. Its private key is seen once, when it is made. It is better to import a key whose private
    half never leaves its owner.
  - Key pairs act when an instance is created. Replacing or deleting one changes nothing on instances that exist.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.attributes
options:
  name:
    description: Name of the key pair.
    type: str
    required: true
  state:
    description: Whether the key pair is to exist.
    type: str
    choices: [present, absent]
    default: present
  public_key:
    description:
      - The public key in the format of OpenSSH, as in C(~/.ssh/id_ed25519.pub), to import. AWS takes RSA and ED25519 keys.
      - Either this, O(private_key_file) or O(return_private_key=true) is required to create a key pair.
      - AWS returns only a fingerprint, so that an existing key pair is compared by it.
      - The fingerprint of a pair that AWS itself created is made from its private key and cannot be compared; such a pair is
        taken as it is.
    type: str
  private_key_file:
    description:
      - File on the host that runs the module for the private key of a pair that AWS makes. Only its owner can read it.
      - AWS does not give the private key a second time. When the pair exists and the file does not, or holds another key, that is an error,
        and so is a file that is in the way of a new pair; see O(allow_replace).
      - O(state=absent) leaves the file alone.
    type: path
  return_private_key:
    description:
      - Whether to return the private key of a pair that AWS makes. Use C(no_log) on the task. When the pair exists nothing is returned.
    type: bool
    default: false
  allow_replace:
    description:
      - Whether to delete and make again a key pair of this name that holds another key than O(public_key) or O(private_key_file), or one
        whose private key is not there, and to write over a file that is in the way. Otherwise that is an error.
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_instance
  - name: ImportKeyPair in the Lightsail API
    description: The API operation behind this module.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_ImportKeyPair.html
"""

EXAMPLES = r"""
- name: Import the owner's public key
  cloudpress.lightsail.lightsail_key_pair:
    name: owner
    public_key: "{{ lookup('ansible.builtin.file', '~/.ssh/id_ed25519.pub') }}"
    tags:
      team: web

- name: Change to a new key
  cloudpress.lightsail.lightsail_key_pair:
    name: owner
    public_key: "{{ lookup('ansible.builtin.file', '~/.ssh/id_new.pub') }}"
    allow_replace: true
  register: owner

- name: Let AWS make a pair and keep its private key
  cloudpress.lightsail.lightsail_key_pair:
    name: robots
    private_key_file: ~/.ssh/robots.pem

- name: Show the fingerprint
  ansible.builtin.debug:
    var: owner.key_pair.fingerprint

- name: Remove the key pair
  cloudpress.lightsail.lightsail_key_pair:
    name: owner
    state: absent
"""

RETURN = r"""
key_pair:
  description: The key pair. V(null) when it does not exist.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: owner
    fingerprint:
      description: The fingerprint as AWS gives it. V(null) in check mode when the key would be imported.
      type: str
      returned: always
      sample: 4a:f2:19:09:be:4a:11:2c:90:5c:42:24:c8:cb:6e:b1
    private_key:
      description: The private key in the format of PEM. It cannot be read a second time.
      type: str
      returned: when O(return_private_key=true) and the pair has just been made
      sample: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:lightsail:eu-central-1:123456789012:KeyPair/0e3ad1d5-2a6d-4d6f-a0c0-fdd8f2b3a4c5
    created_at:
      description: When it was imported.
      type: str
      returned: always
      sample: '2026-11-24T05:12:31.402000+00:00'
    location:
      description: Its region.
      type: dict
      returned: always
      sample: {availability_zone: all, region_name: eu-central-1}
    resource_type:
      description: The kind of resource.
      type: str
      returned: always
      sample: KeyPair
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
      sample: 123456789012/owner
    tags:
      description: Its tags.
      type: dict
      returned: always
      sample: {team: web}
actions:
  description: The changing API operations that were called, in their order.
  returned: success
  type: list
  elements: str
  sample: [ImportKeyPair]
"""

import base64
import binascii
import datetime
import hashlib
import os
import struct
import tempfile

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import AwsFailure, Failure, LightsailModule, has_tags
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

IMPORTABLE = ("ssh-rsa", "ssh-ed25519")


def parse_public_key(text):
    """(algorithm, blob) of a line in the format of OpenSSH."""
    if "PRIVATE KEY" in text:
        raise Failure("public_key holds a private key; give the content of the file that ends in .pub.")
    lines = [line for line in text.strip().splitlines() if line.strip()]
    words = lines[0].split() if len(lines) == 1 else []
    try:
        blob = base64.b64decode(words[1], validate=True)
        size = struct.unpack(">I", blob[:4])[0]
        if blob[4:4 + size].decode("ascii") != words[0]:
            raise ValueError("the algorithm differs")
    except (IndexError, ValueError, binascii.Error, struct.error) as error:
        raise Failure("public_key is not one line in the format of OpenSSH, such as 'ssh-ed25519 AAAA... comment'.") from error
    return words[0], blob


def check_importable(algorithm):
    """EC2, which keeps the keys for Lightsail, imports these two kinds only (ImportKeyPair in its API reference)."""
    if algorithm not in IMPORTABLE:
        raise Failure(
            "public_key is of the kind %s, which AWS does not import; it must be an RSA or an ED25519 key, as from 'ssh-keygen -t ed25519'."
            % algorithm
        )


def _fields(blob):
    fields, at = [], 0
    while at < len(blob):
        size = struct.unpack(">I", blob[at:at + 4])[0]
        fields.append(blob[at + 4:at + 4 + size])
        at += 4 + size
    return fields


def _der(tag, content):
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _subject_public_key_info(blob):
    """An RSA key as X.509 has it: EC2's fingerprint of an imported RSA key is the MD5 of this."""
    dummy, exponent, modulus = _fields(blob)
    algorithm = _der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return _der(0x30, algorithm + _der(0x03, b"\0" + _der(0x30, _der(0x02, modulus) + _der(0x02, exponent))))


def _colons(digest):
    return ":".join("%02x" % byte for byte in digest)


def fingerprints(text):
    """What AWS may give as the fingerprint of this key: which of these is not documented for Lightsail."""
    algorithm, blob = parse_public_key(text)
    check_importable(algorithm)
    found = []
    if algorithm == "ssh-rsa":
        info = _subject_public_key_info(blob)
        found += [_colons(hashlib.md5(info).digest()), _colons(hashlib.sha1(info).digest())]
    found += [_colons(hashlib.md5(blob).digest())]
    sha256 = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return found + [sha256, sha256.rstrip("="), "SHA256:" + sha256.rstrip("="), _colons(hashlib.sha256(blob).digest())]


def private_fingerprint(text):
    """EC2's fingerprint of a pair that it made: SHA-1 of the private key as PKCS 8 has it. None when it is no such key."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) < 3 or not lines[0].startswith("-----BEGIN ") or not lines[0].endswith("PRIVATE KEY-----"):
        return None
    try:
        der = base64.b64decode("".join(lines[1:-1]), validate=True)
    except binascii.Error:
        return None
    if "RSA" in lines[0]:
        algorithm = _der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
        der = _der(0x30, _der(0x02, b"\0") + algorithm + _der(0x04, der))
    return _colons(hashlib.sha1(der).digest())


def same_key(current, wanted):
    """A fingerprint of 20 bytes is that of a private key made by AWS: nothing can be said about it, so it is left alone."""
    return current in wanted or (current or "").count(":") == 19


class KeyPair(Resource):
    kind = "key pair"
    key = "key_pair"
    unknown = ("arn", "created_at", "fingerprint", "support_code")

    wanted = None  # fingerprints of the public key
    in_file = None  # fingerprint of the private key in the file
    private_key = None  # of a pair made in this run

    @property
    def options(self):
        replaceable = self.params["allow_replace"]
        return (
            Option(
                "public_key",
                "fingerprint",
                wanted=lambda resource: resource.wanted,
                same=same_key,
                immutable=not replaceable,
                hint="set allow_replace to delete this key pair and import the other key",
                apply="replace",
                show=lambda value: "fingerprint %s" % (value[0] if isinstance(value, list) else value),
            ),
            Option(
                "private_key_file",
                lambda raw: "key %s" % raw["fingerprint"],
                wanted=lambda resource: resource.params["private_key_file"] and "a new key",
                same=lambda current, dummy: current == "key %s" % self.in_file,
                immutable=not replaceable,
                hint="the file does not hold the private key of this pair; set allow_replace to delete the pair and make another",
                apply="replace",
            ),
        )

    def check_wishes(self, current):
        params = self.params
        if params["public_key"]:
            self.wanted = fingerprints(params["public_key"])
        if params["private_key_file"]:
            self.check_file(current)
        if current is None and not (params["public_key"] or params["private_key_file"] or params["return_private_key"]):
            self.fail("The key pair %s does not exist and cannot be created without public_key, private_key_file or return_private_key." % self.name)

    def check_file(self, current):
        """Before the only moment at which the private key can be had."""
        path = self.params["private_key_file"]
        folder = os.path.dirname(os.path.abspath(path))
        if not os.access(folder, os.W_OK | os.X_OK) or os.path.isdir(path):
            self.fail("private_key_file is %s; it must be a file in a folder that exists and can be written." % path)
        if os.path.exists(path):
            try:
                with open(path, encoding="utf-8") as file:
                    self.in_file = private_fingerprint(file.read())
            except (OSError, ValueError) as error:
                self.fail("private_key_file %s cannot be read: %s." % (path, error))
            if current is None and not self.params["allow_replace"]:
                self.fail("private_key_file %s exists and would be written over; move it away or set allow_replace." % path)

    def read(self):
        answer = self.call("GetKeyPair", keyPairName=self.name, missing_ok=True)
        return answer and answer["keyPair"]

    def create(self):
        if self.params["public_key"]:
            # The member is named Base64; the text of the key as it is in the file is what the service's clients send.
            self.new("ImportKeyPair", keyPairName=self.name, publicKeyBase64=" ".join(self.params["public_key"].split()))
        elif self.params["private_key_file"]:
            self.create_into_file(self.params["private_key_file"])
        else:
            self.private_key = self.create_pair()["privateKeyBase64"]

    def create_into_file(self, path):
        """The file is there before the pair is, so that what could keep the key from being written comes first."""
        try:
            descriptor, temporary = tempfile.mkstemp(prefix=".", dir=os.path.dirname(os.path.abspath(path)))
        except OSError as error:
            self.fail("private_key_file %s cannot be written: %s." % (path, error))
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                private = self.create_pair()["privateKeyBase64"]
                file.write(private)
            os.replace(temporary, path)  # only its owner can read it: mkstemp makes it so
            temporary = None
            self.in_file = private_fingerprint(private)
        finally:
            if temporary:
                os.unlink(temporary)
        if self.params["return_private_key"]:
            self.private_key = private

    def create_pair(self, again=True):
        """A pair whose private key was lost with the answer is of no use to anybody, so it is deleted and another one is made."""
        started = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)
        try:
            return self.act("CreateKeyPair", keyPairName=self.name, tags=self.tag_list())
        except AwsFailure as failure:
            found = self.read() if failure.answer_lost else None
            if found is None or found["createdAt"] < started or not has_tags(found, self.params["tags"]):
                raise
            self.act("DeleteKeyPair", keyPairName=self.name, missing_ok=True)
            if not again:
                raise
        return self.create_pair(again=False)

    def finish(self, shown, before, after):
        if self.private_key:
            shown = dict(shown, private_key=self.private_key)
        super().finish(shown, before, after)

    def replace(self, current, changes):
        tags = current.get("tags")

        def make():
            self.create()
            if tags:
                # The tags went with the old pair; what is to change about them is compared with these.
                self.act("TagResource", resourceName=self.name, tags=tags)

        self.act("DeleteKeyPair", keyPairName=self.name, missing_ok=True)
        self.make_anew(make, tags)

    def delete(self, current):
        self.act("DeleteKeyPair", keyPairName=self.name, missing_ok=True)

    def is_ours(self, found, failure, started):
        # Tags cannot be imported with the key, so the key itself is the evidence, and the better one.
        return found.get("fingerprint") in self.wanted

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        predicted.pop("private_key_file", None)
        if set(changes) & {"public_key", "private_key_file"}:
            predicted.update(dict.fromkeys(self.unknown))  # it will be another resource of the same name
        return predicted


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            public_key=dict(type="str", no_log=False),
            private_key_file=dict(type="path", no_log=False),
            return_private_key=dict(type="bool", default=False, no_log=False),
            allow_replace=dict(type="bool", default=False),
        ),
        mutually_exclusive=[("public_key", "private_key_file"), ("public_key", "return_private_key")],
        shapes={"name": "ResourceName"},
        tags=True,
        supports_check_mode=True,
    )
    module.run(KeyPair(module))


if __name__ == "__main__":
    main()
