#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_host_info
short_description: Describe a WordPress host of Lightsail
version_added: 0.1.0
description:
  - Finds which layout a host has (WordPress packaged by Lightsail, or by Bitnami), and returns one description that the C(wordpress_)
    roles of this collection act on.
  - The role P(cloudpress.lightsail.wordpress_facts#role) uses it, refuses hosts that do not fit, and lists the keys of the description.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  code:
    description: >-
      PHP that runs as the web server's user and answers with what C(wp-config.php) says, as for M(cloudpress.lightsail.wordpress_php).
      Its request holds C(root), C(php_flavour), and in C(hosts) the names that virtual hosts give the site.
    type: list
    elements: str
    required: true
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: N/A
    details: Nothing is changed.
"""

EXAMPLES = r"""
- name: Describe the host
  cloudpress.lightsail.wordpress_host_info:
    code: "{{ [lookup('ansible.builtin.file', 'describe.php')] }}"
  become: true
  register: found
"""

RETURN = r"""
waiting_for:
  description: What the first boot of the host has not done yet; empty when it has ended.
  returned: success
  type: str
  sample: ""
refusal:
  description: Why the roles do not work on this host, one sentence; empty when they do.
  returned: success
  type: str
  sample: ""
host:
  description: The description of the host. Empty when there is a refusal.
  returned: success
  type: dict
  sample: {layout: lightsail, web_user: web}
"""

import http.client
import json
import os
import platform
import re
import socket
import ssl
import sys
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _layouts, _php

# A file of every WordPress that no plugin answers: how the web server treats it is how it treats a visitor.
STATIC_FILE = "/wp-includes/css/buttons.min.css"
REDIRECTS = (301, 302, 307, 308)


def redirects_to_https(home):
    """Whether port 80 of this host sends a visitor of the site to https, instead of serving WordPress."""
    scheme, host = (urlsplit(home).scheme, urlsplit(home).hostname) if home else ("http", "127.0.0.1")
    connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=10)
    try:
        connection.request("HEAD", STATIC_FILE, headers={"Host": host, "X-Forwarded-Proto": scheme})
        answer = connection.getresponse()
        return answer.status in REDIRECTS and answer.headers.get("Location", "").startswith("https://")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def answers_https():
    """Whether anything speaks TLS on port 443; its certificate is nobody's concern here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", 443), timeout=10) as raw, context.wrap_socket(raw):
            return True
    except OSError:
        return False


def operating_system(host):
    """Return the id and the version of the operating system, such as "debian 12"."""
    values = dict(line.split("=", 1) for line in host.read("/etc/os-release").splitlines() if "=" in line)
    return " ".join(values.get(key, "").strip('"') for key in ("ID", "VERSION_ID")).strip()


def sealed_to(host, state_dir):
    """Return the managed database that this host was moved to, "" when it was not."""
    try:
        marker = json.loads(host.read(f"{state_dir}/database.json") or "{}")
    except ValueError:
        return ""
    return marker.get("host", "") if marker.get("stage") == "done" else ""


def names_of_site(host, directories, root):
    """Return the names that the web server's virtual hosts give the site in this directory."""
    names = []
    for path in [path for directory in directories for path in host.matching(f"{directory}/*.conf")]:
        for section in re.split(r"(?i)<VirtualHost\b", host.read(path))[1:]:
            said = dict((key.lower(), value.strip("\"'")) for key, value in re.findall(r"(?im)^\s*(ServerName|DocumentRoot)\s+(\S+)", section))
            if "servername" in said and os.path.realpath(said.get("documentroot", "")) == os.path.realpath(root):
                names.append(re.sub(r"^https?://", "", said["servername"]))
    return list(dict.fromkeys(names))


def describe(host, code):
    """Return the description; raise Refusal when there is none."""
    if sys.version_info < (3, 9):
        raise _layouts.Refusal(
            f"This host has Python {platform.python_version()}; these roles need 3.9 or newer (Debian 11 or newer), so start from a newer image."
        )
    found = _layouts.describe(host)
    try:
        hosts = names_of_site(host, found["web_server"]["config_dirs"], found["root"])
        said = _php.run(found["php"], code, {"root": found["root"], "php_flavour": found["php_flavour"], "hosts": hosts}, found["web_user"])
    except _php.PhpError as error:
        raise _layouts.Refusal(f"The wp-config.php of this host cannot be evaluated: {error}.") from error
    if "refusal" in said:
        raise _layouts.Refusal(said["refusal"])
    https = redirects_to_https(said["home"]) and answers_https()
    return {
        **found,
        **said,
        "config": host.ownership(said["config_path"]),
        "serves": {"scheme": "https", "port": 443} if https else {"scheme": "http", "port": 80},
        "sealed_to": sealed_to(host, found["state_dir"]),
        "hostname": socket.gethostname(),
        "os": operating_system(host),
        "python": platform.python_version(),
    }


def main():
    module = AnsibleModule(argument_spec={"code": {"type": "list", "elements": "str", "required": True}}, supports_check_mode=True)
    host = _layouts.Host()
    waiting = _layouts.unfinished(host)
    try:
        description, refusal = describe(host, module.params["code"]), ""
    except _layouts.Refusal as error:
        description, refusal = {}, str(error)
    if description.get("config_differences"):
        module.warn(
            f"{description['config_path']} gives other values to a command line than to the web server: "
            f"{', '.join(description['config_differences'])}. WP-CLI, cron jobs and roles that run WordPress use those of the command line. "
            "To make them the same, remove the conditions on PHP_SAPI, php_sapi_name() or the request, or define the same values in both cases."
        )
    module.exit_json(changed=False, waiting_for=waiting, refusal=refusal, host=description)


if __name__ == "__main__":
    main()
