# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several files say about the same thing must be the same: action group, documentation, role variables, pins."""

from __future__ import annotations

import ast
import fnmatch
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(p.stem for p in (ROOT / "plugins" / "modules").glob("*.py") if not p.stem.startswith("_"))
ROLES = sorted(p.name for p in (ROOT / "roles").iterdir() if p.is_dir())


def _load(path: str):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def _constants(path: Path) -> dict[str, str]:
    """Return the module-level string constants of a Python file, without importing it."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant):
            found[node.targets[0].id] = node.value.value
    return found


def _documentation(module: str) -> dict:
    return yaml.safe_load(_constants(ROOT / "plugins" / "modules" / f"{module}.py")["DOCUMENTATION"])


def _fragments(module: str) -> list[str]:
    return _documentation(module).get("extends_documentation_fragment") or []


def _files() -> list[str]:
    """Return what git tracks or would track; in a copy without git, everything there is."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        names = done.stdout.split("\0")
    else:
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")]
    return sorted(n for n in names if n and (ROOT / n).is_file() and not (ROOT / n).is_symlink())


# --- The action group -------------------------------------------------------------------------------------------------


def _takes_connection_options(module: str) -> bool:
    return any(f.startswith("cloudpress.lightsail.aws") for f in _fragments(module))


def test_action_group_is_every_module_that_takes_connection_options():
    group = _load("meta/runtime.yml")["action_groups"]["lightsail"]
    assert group == sorted(m for m in MODULES if _takes_connection_options(m))


@pytest.mark.parametrize("module", MODULES)
def test_module_documents_its_attributes_and_results(module):
    documentation = _documentation(module)
    assert documentation["module"] == module
    assert documentation["short_description"].rstrip(".") == documentation["short_description"], "no full stop in a short description"
    assert "attributes" in documentation or any("attributes" in f for f in _fragments(module))
    constants = _constants(ROOT / "plugins" / "modules" / f"{module}.py")
    assert f"cloudpress.lightsail.{module}:" in constants["EXAMPLES"]
    assert yaml.safe_load(constants["RETURN"])
    for example in yaml.safe_load(constants["EXAMPLES"]):
        assert example.get("name"), "each example has a name"


@pytest.mark.parametrize("path", sorted(p for p in _files() if p.startswith("plugins/") and p.endswith(".py")))
def test_plugin_file_names_its_licence(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not text.strip() or "SPDX-License-Identifier: " in "\n".join(text.splitlines()[:8])


# --- Roles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_role_has_what_each_role_has(role):
    for name in ("README.md", "meta/main.yml", "meta/argument_specs.yml", "tasks/main.yml"):
        assert (ROOT / "roles" / role / name).is_file(), name
    assert _load(f"roles/{role}/meta/main.yml")["dependencies"] == []


@pytest.mark.parametrize("role", ROLES)
def test_role_specification_names_the_defaults(role):
    """A variable with a default but no specification is unchecked and undocumented; the other way round it has two truths."""
    specs = _load(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]
    defaults_file = ROOT / "roles" / role / "defaults" / "main.yml"
    defaults = (yaml.safe_load(defaults_file.read_text(encoding="utf-8")) or {}) if defaults_file.is_file() else {}
    options: dict[str, dict] = {}
    for entry in specs.values():
        assert entry["short_description"] and entry["description"]
        options |= entry.get("options") or {}
    assert sorted(set(defaults) - set(options)) == [], "defaults that no entry point's specification names"
    without = sorted(n for n, o in options.items() if n not in defaults and not o.get("required") and "default" in o)
    assert without == [], "the specification states a default that defaults/main.yml does not"
    for name, option in options.items():
        if name in defaults and "default" in option and "{{" not in str(defaults[name]):
            assert option["default"] == defaults[name], name


def test_readme_names_every_module_and_role():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [name for name in MODULES + ROLES if f"`{name}`" not in text]


# --- The tarball ------------------------------------------------------------------------------------------------------

# What a user gets. Everything else at the top of the tree has to be named in build_ignore.
SHIPPED = {
    "CHANGELOG.rst",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "changelogs",
    "docs",
    "galaxy.yml",
    "inventories",
    "lightsail_local",
    "meta",
    "playbooks",
    "plugins",
    "pyproject.toml",
    "requirements",
    "roles",
}


def test_every_path_at_the_top_is_shipped_or_ignored_on_purpose():
    ignored = _load("galaxy.yml")["build_ignore"]
    undecided = {
        path
        for path in (p.split("/")[0] for p in _files())
        if path not in SHIPPED | {"extensions"} and not any(fnmatch.fnmatch(path, pattern) for pattern in ignored)
    }
    assert not undecided
    assert not [s for s in SHIPPED if any(fnmatch.fnmatch(s, pattern) for pattern in ignored)]


def test_what_git_ignores_is_not_built_either():
    """ansible-galaxy does not read .gitignore."""
    ignored = _load("galaxy.yml")["build_ignore"]
    lines = (line.strip().strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    built_in = {"__pycache__", "*.pyc", "*.retry", "tests/output"}
    missing = [p for p in lines if p and p not in built_in and p not in ignored and not p.startswith(".vault-pass")]
    assert not missing


# --- Versions ---------------------------------------------------------------------------------------------------------


def test_every_requirement_is_pinned():
    def names(path: str) -> set[str]:
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        return {re.split(r"[\[=<>~;]", line)[0].strip().lower().replace("_", "-") for line in lines if line and line[0] not in "#-"}

    assert names("requirements/runtime.txt") | names("requirements/dev.txt") <= names("requirements/constraints.txt")


@pytest.mark.parametrize("path", sorted((ROOT / "plugins").glob("[!d_]*/[!_]*.py")), ids=lambda path: path.stem)
def test_nothing_claims_to_come_with_a_later_release(path):
    """The changelog of a release lists as new what says that it came with it."""
    documentation = _constants(path).get("DOCUMENTATION")
    assert documentation is None or _numbers(yaml.safe_load(documentation)["version_added"]) <= _numbers(_load("galaxy.yml")["version"])


def _numbers(version: str) -> list[int]:
    return [int(number) for number in str(version).split(".")]


def test_versions_agree():
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{_load("galaxy.yml")["version"]}"' in pyproject


# --- Leaks ------------------------------------------------------------------------------------------------------------

# Written in pieces, so that this file is not its own finding.
LEAKS = [
    re.compile(r"/ro" r"ot/\.|/wo" r"rk/|/opt/wh" r"eels"),
    re.compile(r"files\.python" r"hosted|py" r"pi\.org/simple|registry\.npm" r"js|deb\.deb" r"ian\.org", re.IGNORECASE),
    re.compile(r"AKIA[0-9A-Z]{9}(?!EXAMPLE)[0-9A-Z]{7}|-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/]{60}"),
]


def test_no_file_names_this_machine_a_registry_or_a_real_key():
    found = []
    for path in _files():
        data = (ROOT / path).read_bytes()
        if b"\0" in data:
            continue
        text = data.decode("utf-8")
        # Tests need keys that look real and are refused.
        leaks = LEAKS[:-1] if path.startswith("tests/") else LEAKS
        found += [f"{path}: {match.group(0)}" for leak in leaks for match in leak.finditer(text)]
    assert not found


@pytest.mark.skipif("ansible-test" in ROOT.parts, reason="ansible-test has a copy without the local Lightsail")
def test_the_recipe_of_an_image_holds_no_empty_directory():
    """git carries none, so a clone would make another image, or none at all."""
    recipes = ROOT / "lightsail_local" / "images"
    assert recipes.is_dir()
    assert [str(path.relative_to(recipes)) for path in recipes.rglob("*") if path.is_dir() and not any(path.iterdir())] == []
