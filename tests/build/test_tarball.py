# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in the tarball, and that it works where nothing but what README.md names is installed."""

from __future__ import annotations

import json
import re
import shlex
import tarfile

import pytest


def test_is_small_and_holds_no_links_to_elsewhere(tarball):
    # Galaxy refuses more than 20 MB.
    assert tarball.stat().st_size < 5_000_000
    with tarfile.open(tarball) as archive:
        outside = [m.name for m in archive.getmembers() if m.issym() and (m.linkname.startswith("/") or ".." in m.linkname.split("/"))]
    assert not outside


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "LICENSE",
        "meta/runtime.yml",
        "plugins/modules/lightsail_instance.py",
        "playbooks/site.yml",
        "inventories/local",
        "lightsail_local/cli.py",
        "pyproject.toml",
        "requirements/constraints.txt",
    ],
)
def test_ships(names, name):
    assert name in names


@pytest.mark.parametrize("name", ["tests", "scripts", "Makefile", ".ci", ".cache", ".venv", "extensions/molecule", "ansible.cfg", "build"])
def test_leaves_out(names, name):
    assert not [n for n in names if n == name or n.startswith(name + "/")]


def test_every_module_and_plugin_has_readable_documentation(installed, names):
    for kind, folder in (("module", "modules"), ("inventory", "inventory"), ("filter", "filter"), ("lookup", "lookup"), ("callback", "callback")):
        plugins = sorted(n.split("/")[-1][:-3] for n in names if n.startswith(f"plugins/{folder}/") and n.endswith(".py") and "/_" not in n)
        if not plugins:
            continue
        wanted = [f"cloudpress.lightsail.{p}" for p in plugins]
        documented = json.loads(installed.run("ansible-doc", "--json", "-t", kind, *wanted).stdout)
        assert sorted(documented) == wanted
        assert not [n for n, d in documented.items() if "error" in d]


def test_every_role_has_readable_documentation(installed, names):
    roles = sorted({n.split("/")[1] for n in names if n.startswith("roles/") and n.count("/") > 1})
    documented = json.loads(installed.run("ansible-doc", "--json", "-t", "role", *[f"cloudpress.lightsail.{r}" for r in roles]).stdout)
    assert sorted(documented) == [f"cloudpress.lightsail.{r}" for r in roles]


def test_playbooks_are_found_by_name_from_anywhere(installed, names):
    playbooks = sorted(n.split("/")[1][:-4] for n in names if n.startswith("playbooks/") and n.count("/") == 1 and n.endswith(".yml"))
    assert "site" in playbooks
    for playbook in playbooks:
        installed.run("ansible-playbook", "--syntax-check", "-i", "localhost,", f"cloudpress.lightsail.{playbook}")


@pytest.fixture
def shipped_cloud(installed, tmp_path):
    """The local Lightsail that came with the collection, without hosts, started without being installed."""
    cloud = ShippedCloud(installed, tmp_path / "cloud", "python", "-m", "lightsail_local")
    cloud.command("up", "--data-plane", "none", "--port", "0")
    yield cloud
    cloud.command("down")


class ShippedCloud:
    def __init__(self, installed, state, *program):
        self.installed, self.state, self.program = installed, state, program

    def command(self, *arguments):
        return self.installed.run(*self.program, *arguments, "--state", str(self.state), PYTHONPATH=str(self.installed.path)).stdout

    def mutating(self):
        return [call["operation"] for call in json.loads(self.command("calls", "--json")) if call["mutating"]]

    def site(self, *arguments, **options):
        """Run the site playbook by its name, with the inventory that was shipped."""
        inventory = str(self.installed.path / "inventories" / "local")
        return self.installed.run("ansible-playbook", "-i", inventory, "cloudpress.lightsail.site", *arguments,
                                  LIGHTSAIL_LOCAL_STATE=str(self.state), ANSIBLE_NOCOLOR="1", **options).stdout


def test_a_module_runs_against_the_shipped_local_lightsail(installed, shipped_cloud, tmp_path):
    exports = {}
    for line in shipped_cloud.command("env").splitlines():
        if line.startswith("export "):
            key, dummy, value = line.removeprefix("export ").partition("=")
            exports[key] = "".join(shlex.split(value))
    installed.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key"))
    arguments = {"name": "smoke", "public_key": (tmp_path / "key.pub").read_text(encoding="ascii").strip()}
    task = ("localhost", "-m", "cloudpress.lightsail.lightsail_key_pair", "-a", json.dumps(arguments))
    assert "CHANGED" in installed.run("ansible", *task, **exports).stdout
    assert "SUCCESS" in installed.run("ansible", *task, **exports).stdout


def test_the_site_playbook_plans_a_site_by_its_name(shipped_cloud):
    said = shipped_cloud.site("--check")
    assert "All resources of the site together: USD" in said and "rehearsal-web-2" in said
    assert "failed=0" in said
    assert shipped_cloud.mutating() == []


def test_a_controller_without_pymysql_is_refused_before_anything_is_made(shipped_cloud, tmp_path):
    (tmp_path / "pymysql.py").write_text("raise ImportError('not installed')", encoding="utf-8")
    with pytest.raises(AssertionError, match="(?s)The controller has no PyMySQL.*pip install") as refused:
        shipped_cloud.site(PYTHONPATH=str(tmp_path))
    assert "Start the primary" not in str(refused.value)
    assert shipped_cloud.mutating() == []


@pytest.mark.slow
@pytest.mark.hosts
@pytest.mark.timeout(3600)
def test_the_installed_collection_builds_a_site(installed_with_hosts, tmp_path):
    """As docs/lightsail_local.md says: the shipped package is installed for its command, then the playbook is called by its name."""
    cloud = ShippedCloud(installed_with_hosts, tmp_path / "cloud", "lightsail-local")
    cloud.command("up", "--port", "0")
    try:
        said = cloud.site()
        assert re.search(r"\boutcome +published\b", said), said[-6000:]
        assert "failed=0" in said
        repeated = re.findall(r"changed=(\d+)", cloud.site())
        assert len(repeated) == 3 and set(repeated) == {"0"}
    finally:
        cloud.command("reset")
        cloud.command("down")
