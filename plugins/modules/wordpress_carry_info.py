#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_carry_info
short_description: Say what a WordPress host has beside its database, and what of it goes along to another host
version_added: 0.1.0
description:
  - Looks at files, PHP's settings and extensions, crontabs, rules of the web server and packages of a host. It changes
    nothing.
  - With O(source), which is what it found on another host, it also says what goes along from there to this host, in the
    form that this host needs, and what stays behind.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  host:
    description: The description of this host, the fact C(wordpress_facts).
    type: dict
    required: true
  source:
    description: What this module found on the host from which the site is carried.
    type: dict
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: N/A
    details: Nothing is changed.
"""

EXAMPLES = r"""
- name: Look at the old host
  cloudpress.lightsail.wordpress_carry_info:
    host: "{{ hostvars['old'].wordpress_facts }}"
  become: true
  delegate_to: old
  register: old

- name: Say what goes along to this host
  cloudpress.lightsail.wordpress_carry_info:
    host: "{{ wordpress_facts }}"
    source: "{{ old.found }}"
  become: true
  register: here
"""

RETURN = r"""
found:
  description: What the host has. Read it as one thing; its keys may change.
  returned: success
  type: dict
  sample: {files: 3120, bytes: 71303168}
plan:
  description:
    - What goes along. C(trees) are the directories, C(php) is a file of PHP's settings, C(rules) one of Apache's,
      C(cron) are files of C(/etc/cron.d).
    - C(behind) says what stays behind, and C(doubts) what goes along and may not work here.
  returned: with O(source)
  type: dict
  sample: {trees: [], php: "", rules: "", cron: {}, behind: [], doubts: []}
"""

import base64
import glob
import hashlib
import os
import re
import shutil
import subprocess

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _carry_agent, _carry_plan, _cron, _php

# In the root and in the directory of content: what each host has of its own.
ROOT_EXCLUDE = ["wp-config.php", "wp-content"]
CONTENT_EXCLUDE = ["mu-plugins/cloudpress-mail.php"]
# Read after the image's own files.
INI_NAME = "95-cloudpress-carried.ini"
CORE = re.compile(
    r"^(index\.php|license\.txt|readme\.html|xmlrpc\.php|wp-[a-z-]+\.php|wp-admin|wp-includes|wp-content|\.htaccess)$"
)
# By name in this order, as PHP reads them; the last one holds. A command line has values of its own for some.
SETTINGS = r"""
$values = array();
foreach ( ini_get_all( null, true ) as $name => $value ) {
    $values[ $name ] = (string) $value['global_value'];
}
// PHP's own values for what goes along. What runs here has read what an earlier run brought, and a command line has
// values of its own.
$values = array_merge(
    $values,
    array(
        'memory_limit'           => '128M',
        'upload_max_filesize'    => '2M',
        'post_max_size'          => '8M',
        'max_execution_time'     => '30',
        'max_input_time'         => '-1',
        'max_input_vars'         => '1000',
        'max_file_uploads'       => '20',
        'date.timezone'          => '',
        'short_open_tag'         => '1',
        'session.gc_maxlifetime' => '1440',
        'pcre.backtrack_limit'   => '1000000',
        'default_socket_timeout' => '60',
    )
);
$files = array_merge( array( $request['ini'] ), (array) glob( $request['scan'] . '/*.ini' ) );
foreach ( array_filter( $files, 'is_file' ) as $file ) {
    // what an earlier run brought
    if ( $request['ours'] === basename( $file ) ) {
        continue;
    }
    foreach ( (array) @parse_ini_file( $file, false, INI_SCANNER_RAW ) as $name => $value ) {
        if ( is_string( $value ) ) {
            $values[ $name ] = trim( $value, '"\'' );
        }
    }
}
$user = is_file( $request['user_ini'] ) ? @parse_ini_file( $request['user_ini'], false, INI_SCANNER_RAW ) : array();
cloudpress_answer(
    array(
        'values'     => array_filter( array_merge( $values, (array) $user ), 'is_string' ),
        'extensions' => array_map( 'strtolower', get_loaded_extensions() ),
        'functions'  => get_defined_functions()['internal'],
        'version'    => PHP_VERSION,
    )
);
"""
POOL = re.compile(r"^\s*php_(?:admin_)?(?:value|flag)\[([\w.]+)\]\s*=\s*(.*?)\s*$", re.MULTILINE)
APACHE = re.compile(
    r"^\s*php_(?:admin_)?(?:value|flag)\s+([\w.]+)\s+\"?([^\"\n]*?)\"?\s*$", re.MULTILINE | re.IGNORECASE
)


def read(path):
    """Return a text as it can be shown; "" when it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def shown(name):
    """A name that is no text, as text."""
    return os.fsencode(name).decode(errors="backslashreplace")


def names(directory):
    """Return the names in a directory, without WordPress's empty index.php."""
    try:
        return sorted(shown(name) for name in os.listdir(directory) if name != "index.php" and name[0] != ".")
    except OSError:
        return []


def php(host):
    """Return PHP as the web server runs it: values of settings, extensions, functions, version."""
    scan = host["php_ini_dirs"][0] if host["php_ini_dirs"] else ""
    ini = f"{os.path.dirname(scan)}/php.ini"
    os.environ["PHPRC"], os.environ["PHP_INI_SCAN_DIR"] = os.path.dirname(scan), scan
    found = _php.run(
        host["php"], [SETTINGS], {"ini": ini, "scan": scan, "user_ini": f"{host['root']}/.user.ini", "ours": INI_NAME}
    )
    pool = host["php_fpm"]["pool_dir"]
    for path in sorted(glob.glob(f"{pool}/*.conf")) if pool else []:
        found["values"].update(POOL.findall(read(path)))
    if host["php_flavour"] == "mod_php":
        for path in [*virtual_host_files(host), f"{host['root']}/.htaccess"]:
            found["values"].update(APACHE.findall(read(path)))
    return found


def virtual_host_files(host):
    return sorted(path for directory in host["web_server"]["config_dirs"] for path in glob.glob(f"{directory}/*.conf"))


def own_virtual_hosts(host):
    """Return files of virtual hosts that are neither the image's nor ours."""
    found = []
    for path in virtual_host_files(host):
        name = os.path.basename(path)
        if (
            name not in host["image"]["virtual_hosts"]
            and "cloudpress" not in name
            and re.search(r"<VirtualHost", read(path), re.IGNORECASE)
        ):
            found.append(path)
    return found


def packaged(path):
    """Whether a file belongs to a package of the system."""
    done = subprocess.run(["dpkg", "-S", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def crontabs(host):
    """Return the entries of the owner's crontabs, by a name for each."""
    found = {}
    for user in host["renewal_users"]:
        there, text = _cron.crontab(user, "-l")
        found[user_of(host, user)] = _cron.entries(text, user) if there else []
    for path in sorted(glob.glob("/etc/cron.d/*")):
        name = os.path.basename(path)
        # Ours are made anew; what a package brings comes with the package.
        if not name.startswith((".", "cloudpress-")) and not packaged(path):
            found[f"d-{name}"] = _cron.entries(read(path))
    return {name: entries for name, entries in found.items() if entries}


def user_of(host, user):
    """Return what a user is on a host of any layout."""
    return {host["login"]: "login", host["web_user"]: "web"}.get(user, user)


def packages(*arguments):
    try:
        done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        return []
    return sorted({line.split(":")[0] for line in done.stdout.decode().split()})


def identity():
    """Return by what a host is known again: the fingerprint of its SSH key."""
    for path in (
        "/etc/ssh/ssh_host_ed25519_key.pub",
        "/etc/ssh/ssh_host_ecdsa_key.pub",
        "/etc/ssh/ssh_host_rsa_key.pub",
    ):
        words = read(path).split()
        if len(words) > 1:
            return "SHA256:" + base64.b64encode(hashlib.sha256(base64.b64decode(words[1])).digest()).decode().rstrip(
                "="
            )
    return ""


def bound(host):
    """Return files that the site runs or Apache reads, and that name directories of this image."""
    mark, root, content = host["image"]["mark"], host["root"], host["content_path"]
    paths = [
        f"{root}/.htaccess",
        f"{root}/.user.ini",
        *sorted(glob.glob(f"{content}/*.php")),
        *sorted(glob.glob(f"{content}/mu-plugins/*.php")),
    ]
    return [shown(path) for path in paths if any(place in read(path) for place in (mark, root, content))]


def look(host):
    web = php(host)
    count = size = 0
    skipped = []
    for root, exclude in ((host["root"], ROOT_EXCLUDE), (host["content_path"], CONTENT_EXCLUDE)):
        for path, kind, length, _time, _mode, _more in _carry_agent.entries(root, exclude):
            count, size = count + (kind == "f"), size + length
            if kind == "o":
                skipped.append(shown(f"{root}/{path}"))
    content = host["content_path"]
    required = re.search(r"\$required_php_version\s*=\s*'([\d.]+)'", read(f"{host['root']}/wp-includes/version.php"))
    return {
        "identity": identity(),
        "mark": host["image"]["mark"],
        "php": {name: value for name, value in web["values"].items() if len(value) < 200},
        "php_version": web["version"],
        "required_php": required[1] if required else "",
        "extensions": sorted(web["extensions"]),
        "functions": sorted(web["functions"]),
        "crontabs": crontabs(host),
        "cron_files": names("/etc/cron.d"),
        "rules": {path: read(path) for path in host["image"]["htaccess_files"]},
        "virtual_hosts": own_virtual_hosts(host),
        "packages": packages("apt-mark", "showmanual"),
        "installed": packages("dpkg-query", "-W", "-f", "${Package}\n"),
        "files": count,
        "bytes": size,
        "skipped": skipped,
        "free": shutil.disk_usage(content).free,
        "plugins": names(f"{content}/plugins"),
        "themes": names(f"{content}/themes"),
        "must_use": names(f"{content}/mu-plugins"),
        "drop_ins": [name for name in names(content) if name.endswith(".php")],
        "in_root": sorted(shown(name) for name in os.listdir(host["root"]) if not CORE.match(name)),
        "bound": bound(host),
        "content_elsewhere": os.path.realpath(f"{host['root']}/wp-content") != os.path.realpath(content),
        "php_in_htaccess": bool(APACHE.search(read(f"{host['root']}/.htaccess"))),
        "places": {"root": host["root"], "content": host["content_path"], "php": host["php"]},
        "names": {"login": host["login"], "web": host["web_user"]},
        "image_php": host["image"]["php"],
    }


def plan(source, here, host):
    """Return what goes along from the source to this host."""
    there, ours = source["places"], here["places"]
    places = [
        (there["root"], ours["root"]),
        (there["content"], f"{ours['root']}/wp-content"),
        (there["php"], ours["php"]),
    ]
    # Between hosts of one kind its directories are the same.
    mark = source["mark"] if source["mark"] != here["mark"] else "\0"
    rules, rules_behind = _carry_plan.rules(
        source["rules"], places, ours["root"], host["php_flavour"] == "mod_php", mark
    )
    users = {
        "root": "root",
        source["names"]["login"]: here["names"]["login"],
        source["names"]["web"]: here["names"]["web"],
    }
    # What both images have is the image's.
    shipped = [name for name in source["crontabs"] if name[:2] == "d-" and name[2:] in here["cron_files"]]
    crontabs = {name: entries for name, entries in source["crontabs"].items() if name not in shipped}
    cron, cron_behind = _carry_plan.cron(crontabs, users, places, mark)
    cron_behind += [f"/etc/cron.d/{name[2:]}, which the target has of its own" for name in shipped]
    doubts = (
        [f"{path} names directories of the old host" for path in source["bound"]] if source["places"] != ours else []
    )
    if source["php_in_htaccess"] and host["php_flavour"] != "mod_php":
        doubts.append(
            ".htaccess has lines php_value or php_flag, which the web server of the target refuses with an error 500"
        )
    return {
        "trees": [
            {"source": there["root"], "target": ours["root"], "exclude": ROOT_EXCLUDE},
            {"source": there["content"], "target": ours["content"], "exclude": CONTENT_EXCLUDE},
        ],
        "php_file": f"{host['php_ini_dirs'][0]}/{INI_NAME}",
        "php": _carry_plan.ini_text(_carry_plan.php_settings(source["php"], here["php"], source["image_php"])),
        "rules": rules,
        "cron": cron,
        "behind": [
            *rules_behind,
            *cron_behind,
            *_carry_plan.lacking(source, here),
            *[f"{path}, which is no file, directory or link" for path in source["skipped"]],
        ],
        "doubts": doubts,
        "missing_functions": _carry_plan.missing_functions(source["functions"], here["functions"]),
    }


def main():
    module = AnsibleModule(
        argument_spec={"host": {"type": "dict", "required": True}, "source": {"type": "dict"}}, supports_check_mode=True
    )
    host, source = module.params["host"], module.params["source"]
    try:
        here = look(host)
    except _php.PhpError as error:
        module.fail_json(msg=f"PHP of this host does not say how it is set up: {error}.")
    except OSError as error:
        module.fail_json(msg=f"{error.filename} cannot be read: {error.strerror}.")
    module.exit_json(changed=False, found=here, **({"plan": plan(source, here, host)} if source else {}))


if __name__ == "__main__":
    main()
