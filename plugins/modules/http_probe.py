#!/usr/bin/python
# Copyright (c) 2026 CloudPress contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: http_probe
short_description: Fetch a URL the way a visitor does and report what came back
description:
  - Resolves the name at a given name server, verifies the certificate against a given CA, follows no redirect and keeps no cookie.
  - Unlike M(ansible.builtin.uri) it sees a site whose name the machine's own resolver does not know yet.
author: CloudPress contributors (@cloudpress)
version_added: 0.1.0
attributes:
  check_mode:
    support: full
    description: Only reads, so check mode makes no difference.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  urls:
    description: URLs to fetch, one after the other.
    type: list
    elements: str
    required: true
  resolver:
    description: Address of the name server to ask; empty for the machine's own resolution.
    type: str
    default: ""
  ca_path:
    description: CA bundle that signs the certificates; empty for the system's.
    type: path
  headers:
    description: Request headers.
    type: dict
    default: {}
  timeout:
    description: Seconds for one request.
    type: int
    default: 20
  retries:
    description: How often a URL is fetched again while it gives no answer or another status than O(expect_status).
    type: int
    default: 0
  delay:
    description: Seconds between two tries.
    type: float
    default: 1.0
  expect_status:
    description: Status that a URL must answer; without it any answer is right.
    type: int
  body_limit:
    description: Characters of the body to return.
    type: int
    default: 4096
"""

EXAMPLES = r"""
- name: Look at the site as a visitor
  cloudpress.lightsail.http_probe:
    urls: [https://www.example.com/]
    expect_status: 200
  register: front_page
"""

RETURN = r"""
answers:
  description: One entry for each URL.
  returned: success
  type: list
  elements: dict
  sample: [{url: "https://www.example.com/", status: 200, address: 192.0.2.1, seconds: 0.05}]
"""

import http.client
import os
import socket
import ssl
import time
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _dns


def resolve(name, resolver):
    """Return an address of name, asked at resolver or, when that is empty, of the machine."""
    if not resolver:
        return socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)[0][4][0]
    addresses = _dns.lookup(name, "A", server=resolver)
    if not addresses:
        raise OSError(f"{name} has no address")
    return addresses[0]


def fetch(url, params):
    """Fetch one URL; return the answer as a dict with either status or error."""
    parts = urlsplit(url)
    answer = {"url": url}
    started = time.monotonic()
    try:
        address = resolve(parts.hostname, params["resolver"])
        answer["address"] = address
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = http.client.HTTPConnection(parts.hostname, port, timeout=params["timeout"])
        sock = socket.create_connection((address, port), timeout=params["timeout"])
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=params["ca_path"] or None)
            sock = context.wrap_socket(sock, server_hostname=parts.hostname)
            certificate = sock.getpeercert()
            expires = ssl.cert_time_to_seconds(certificate["notAfter"])
            answer["certificate_days_left"] = int((expires - time.time()) // 86400)
        connection.sock = sock
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Host": parts.netloc, "User-Agent": "cloudpress-probe", "Connection": "close", **params["headers"]})
        response = connection.getresponse()
        body = response.read()
        answer.update(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            cookies=[value.split(";")[0] for name, value in response.getheaders() if name.lower() == "set-cookie"],
            bytes=len(body),
            body=body.decode("utf-8", "replace")[: params["body_limit"]],
        )
        connection.close()
    except (OSError, http.client.HTTPException, _dns.DnsError) as error:
        answer["error"] = str(error)
    answer["seconds"] = round(time.monotonic() - started, 3)
    return answer


def main():
    module = AnsibleModule(
        argument_spec={
            "urls": {"type": "list", "elements": "str", "required": True},
            "resolver": {"type": "str", "default": ""},
            "ca_path": {"type": "path"},
            "headers": {"type": "dict", "default": {}},
            "timeout": {"type": "int", "default": 20},
            "retries": {"type": "int", "default": 0},
            "delay": {"type": "float", "default": 1.0},
            "expect_status": {"type": "int"},
            "body_limit": {"type": "int", "default": 4096},
        },
        supports_check_mode=True,
    )
    params = module.params
    if params["ca_path"] and not os.path.isfile(params["ca_path"]):
        module.fail_json(msg=f"ca_path {params['ca_path']} is not a file.")
    expected = params["expect_status"]
    answers = []
    for url in params["urls"]:
        for attempt in range(params["retries"] + 1):
            if attempt:
                time.sleep(params["delay"])
            answer = fetch(url, params)
            if "status" in answer and expected in (None, answer["status"]):
                break
        answers.append(answer)
        if expected is not None and answer.get("status") != expected:
            got = f"answered {answer['status']}" if "status" in answer else f"did not answer ({answer['error']})"
            module.fail_json(msg=f"{url} {got}, expected {expected}.", answers=answers)
    module.exit_json(changed=False, answers=answers)


if __name__ == "__main__":
    main()
