#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_key_pair
short_description: Manage imported SSH key pairs in Amazon Lightsail
version_added: 0.1.0
description:
  - Imports SSH public keys into a region, so that new instances accept the private key of their owner, and removes them.
  - Private keys are neither created nor seen by this module.
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
      - The public key in the format of OpenSSH, as in C(~/.ssh/id_ed25519.pub). Required to create a key pair.
      - AWS returns only a fingerprint, so that an existing key pair is compared by it.
      - The fingerprint of a pair that AWS itself created is made from its private key and cannot be compared; such a pair is
        taken as it is.
    type: str
  allow_replace:
    description:
      - Whether to delete and import again a key pair of this name that holds another key. Otherwise that is an error.
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
import hashlib
import struct

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import Failure, LightsailModule, Option, Resource


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
    found = []
    if algorithm == "ssh-rsa":
        info = _subject_public_key_info(blob)
        found += [_colons(hashlib.md5(info).digest()), _colons(hashlib.sha1(info).digest())]
    found += [_colons(hashlib.md5(blob).digest())]
    sha256 = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return found + [sha256, sha256.rstrip("="), "SHA256:" + sha256.rstrip("="), _colons(hashlib.sha256(blob).digest())]


def same_key(current, wanted):
    """A fingerprint of 20 bytes is that of a private key made by AWS: nothing can be said about it, so it is left alone."""
    return current in wanted or (current or "").count(":") == 19


class KeyPair(Resource):
    kind = "key pair"
    key = "key_pair"
    unknown = ("arn", "created_at", "fingerprint", "support_code")
    required_to_create = ("public_key",)

    wanted = None

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
        )

    def check_wishes(self, current):
        if self.params["public_key"]:
            self.wanted = fingerprints(self.params["public_key"])

    def read(self):
        answer = self.call("GetKeyPair", keyPairName=self.name, missing_ok=True)
        return answer and answer["keyPair"]

    def create(self):
        # The member is named Base64; the text of the key as it is in the file is what the service's clients send.
        key = " ".join(self.params["public_key"].split())
        self.new("ImportKeyPair", keyPairName=self.name, publicKeyBase64=key)

    def replace(self, current, changes):
        self.act("DeleteKeyPair", keyPairName=self.name, missing_ok=True)
        self.create()
        if current.get("tags"):
            # The tags went with the old pair; what is to change about them is compared with these.
            self.act("TagResource", resourceName=self.name, tags=current["tags"])

    def delete(self, current):
        self.act("DeleteKeyPair", keyPairName=self.name, missing_ok=True)

    def is_ours(self, found, failure, started):
        # Tags cannot be imported with the key, so the key itself is the evidence, and the better one.
        return found.get("fingerprint") in self.wanted

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        if "public_key" in changes:
            predicted.update(dict.fromkeys(self.unknown))  # it will be another resource of the same name
        return predicted


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            public_key=dict(type="str", no_log=False),
            allow_replace=dict(type="bool", default=False),
        ),
        shapes={"name": "ResourceName"},
        tags=True,
        supports_check_mode=True,
    )
    module.run(KeyPair(module))


if __name__ == "__main__":
    main()
