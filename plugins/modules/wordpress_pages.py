#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_pages
short_description: Ask a WordPress host for its pages, as its load balancer does
version_added: 0.1.0
description:
  - Fetches pages from the web server of this host itself, and says of each its status, whether it came to its end, and what tells it from others.
  - Certificates are not checked and redirects are not followed.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  paths:
    description: Paths of pages, each with a slash at the beginning.
    type: list
    elements: str
    required: true
  host:
    description: The name of the site.
    type: str
    default: 127.0.0.1
  forwarded_proto:
    description: How the visitor came to the load balancer.
    type: str
    choices: [http, https]
    default: http
  scheme:
    description: How this host is asked.
    type: str
    choices: [http, https]
    default: http
  port:
    description: The port at which this host is asked.
    type: int
    default: 80
  timeout:
    description: Seconds without an answer after which a page is given up.
    type: int
    default: 60
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: It only reads.
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: none
"""

EXAMPLES = r"""
- name: See which pages the host serves
  cloudpress.lightsail.wordpress_pages:
    paths: [/, /wp-login.php]
    host: www.example.com
    forwarded_proto: https
    scheme: "{{ wordpress_facts.serves.scheme }}"
    port: "{{ wordpress_facts.serves.port }}"
"""

RETURN = r"""
pages:
  description:
    - Of each path its C(status), 0 without an answer, whether the page came to its end (C(whole)), its C(title), its length in C(bytes), and
      C(complaints), the errors and warnings of PHP that it shows.
  returned: success
  type: dict
  sample: {"/": {"status": 200, "whole": true, "title": "A blog", "bytes": 51200, "complaints": []}}
"""

import html
import http.client
import json
import re
import ssl

from ansible.module_utils.basic import AnsibleModule

# What the last words of a page are; caches write comments after them.
END = re.compile(r"</(html|rss|feed|urlset|sitemapindex)>(\s*<!--.*-->)*$", re.IGNORECASE | re.DOTALL)
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
# As PHP writes them into a page, with or without tags.
COMPLAINT = re.compile(
    r"(?:<b>)?((?:Fatal error|Parse error|Warning|Recoverable fatal error)(?:</b>)?: .{1,200}? in (?:<b>)?\S+?(?:</b>)? on line)", re.DOTALL
)


def title(text):
    found = TITLE.search(text)
    return " ".join(html.unescape(found[1]).split()) if found else ""


def complaints(text):
    return sorted({" ".join(re.sub(r"</?b>", "", found).split()) for found in COMPLAINT.findall(text)})


def whole(text):
    text = text.strip()
    try:
        return json.loads(text) is not None
    except ValueError:
        return bool(END.search(text))


def fetch(wanted, path):
    if wanted["scheme"] == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", wanted["port"], timeout=wanted["timeout"], context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", wanted["port"], timeout=wanted["timeout"])
    status, body = 0, b""
    try:
        connection.request("GET", path, headers={"Host": wanted["host"], "X-Forwarded-Proto": wanted["forwarded_proto"], "User-Agent": "cloudpress"})
        answer = connection.getresponse()
        status = answer.status
        body = answer.read()
        came = True
    except (OSError, http.client.HTTPException):
        came = False
    finally:
        connection.close()
    text = body.decode("utf-8", "replace")
    return {"status": status, "whole": came and whole(text), "title": title(text), "bytes": len(body), "complaints": complaints(text)}


def main():
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "str", "required": True},
            "host": {"type": "str", "default": "127.0.0.1"},
            "forwarded_proto": {"type": "str", "choices": ["http", "https"], "default": "http"},
            "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
            "port": {"type": "int", "default": 80},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, pages={path: fetch(module.params, path) for path in module.params["paths"]})


if __name__ == "__main__":
    main()
