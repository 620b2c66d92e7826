# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wordpress_packages puts versions in place, refuses what does not fit before anything is changed, and takes everything back, after a crash too."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import wordpress_packages
from ansible_collections.cloudpress.lightsail.plugins.modules.wordpress_packages import PackageError


def plugin(version, more=""):
    return f"<?php\n/**\n * Plugin Name: Notice\n * Version: {version}\n{more} */\n"


def core(version):
    text = f"<?php\n$wp_version = '{version}';\n$required_php_version = '7.4';\n"
    return {
        "wordpress/wp-load.php": f"<?php // {version}\n", "wordpress/wp-admin/index.php": "<?php\n", "wordpress/wp-includes/version.php": text,
        "wordpress/wp-content/plugins/hello.php": "<?php\n",
    }  # fmt: skip


class Site:
    def __init__(self, path: Path) -> None:
        self.path, self.root = path, path / "html"
        for name, text in {
            "wp-content/plugins/notice/notice.php": plugin("1.0"),
            "wp-content/plugins/notice/old.php": "<?php\n",
            "wp-content/themes/plain/style.css": "/*\nTheme Name: Plain\nVersion: 1.0\n*/\n",
            **{name.split("/", 1)[1]: text for name, text in core("6.7").items()},
            "wp-config.php": "<?php // mine\n",
            "wp-includes/gone.php": "<?php\n",
        }.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def package(self, name, files, **more):
        path = self.path / name
        with zipfile.ZipFile(path, "w") as archive:
            for inside, text in files.items():
                archive.writestr(inside, text)
        return {"name": name, "path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "offered": False, **more}

    def run(self, *packages, state="present", check_mode=False, **more):
        wanted = {
            "state": state, "directory": str(self.path / "update"), "packages": list(packages), "root": str(self.root),
            "content_path": str(self.root / "wp-content"), "version": "6.7", "php_version": "8.2.1", "active_plugins": ["notice/notice.php"],
            "owner": None, "group": None, **more,
        }  # fmt: skip
        return wordpress_packages.run(wanted, check_mode)

    def files(self):
        return {str(path.relative_to(self.root)): path.read_text() for path in sorted(self.root.rglob("*")) if path.is_file()}


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_a_plugin_is_replaced_as_a_whole_and_once(site):
    package = site.package("notice.zip", {"notice/notice.php": plugin("2.0")})
    assert site.run(package)["changes"] == [{"kind": "plugin", "name": "notice", "from": "1.0", "to": "2.0"}]
    assert [path.name for path in (site.root / "wp-content/plugins/notice").iterdir()] == ["notice.php"]
    site.run(state="forgotten")
    assert not (site.path / "update").exists()
    assert not site.run(package)["changed"]


def test_a_core_package_replaces_all_but_what_is_the_sites(site):
    changes = site.run(site.package("wordpress.zip", core("6.8")))["changes"]
    assert changes == [{"kind": "core", "name": "wordpress", "from": "6.7", "to": "6.8"}]
    files = site.files()
    assert files["wp-load.php"] == "<?php // 6.8\n" and files["wp-config.php"] == "<?php // mine\n"
    assert "wp-includes/gone.php" not in files and files["wp-content/plugins/notice/notice.php"] == plugin("1.0")


def test_check_mode_tells_and_leaves_everything(site):
    before = site.files()
    result = site.run(site.package("plain.zip", {"plain/style.css": "/*\nTheme Name: Plain\nVersion: 2.0\n*/\n"}), check_mode=True)
    assert result["changes"] == [{"kind": "theme", "name": "plain", "from": "1.0", "to": "2.0"}]
    assert site.files() == before and not (site.path / "update").exists()


def test_all_is_taken_back(site):
    before = site.files()
    site.run(site.package("wordpress.zip", core("6.8")), site.package("notice.zip", {"notice/notice.php": plugin("2.0"), "notice/new.php": ""}))
    assert site.files() != before
    assert site.run(check_mode=True)["interrupted"]
    site.run(state="restored")
    assert site.files() == before and not site.run(check_mode=True)["interrupted"]


@pytest.mark.parametrize("moves", range(1, 7))
def test_an_update_that_was_killed_is_taken_back(site, monkeypatch, moves):
    before, made, move = site.files(), [], wordpress_packages._move

    def killed(source, target):
        made.append(source)
        if len(made) == moves:
            raise KeyboardInterrupt
        move(source, target)

    monkeypatch.setattr(wordpress_packages, "_move", killed)
    with pytest.raises(KeyboardInterrupt):
        site.run(site.package("wordpress.zip", core("6.8")), site.package("notice.zip", {"notice/notice.php": plugin("2.0")}))
    monkeypatch.undo()
    site.run(state="restored")
    assert site.files() == before


@pytest.mark.parametrize(
    ("files", "more", "reason"),
    [
        ({"notice/notice.php": plugin("2.0")}, {"sha256": "0" * 64}, "has the SHA-256"),
        ({"notice/notice.php": plugin("2.0"), "notice/../../evil.php": ""}, {}, "leads out of its own folder"),
        ({"notice/notice.php": plugin("2.0"), "other/x.php": ""}, {}, "does not contain exactly one folder"),
        ({"notice/readme.txt": "x"}, {}, "is no package of WordPress's core, of a plugin or of a theme"),
        ({"absent/absent.php": plugin("2.0")}, {}, "plugin absent, which is not installed on this host"),
        ({"notice/notice.php": plugin("9", " * Requires PHP: 99.0\n")}, {}, "needs PHP 99.0, and this host has 8.2.1"),
        ({"notice/other.php": plugin("9")}, {}, "has no file notice.php, which the active plugin notice is started by"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_changed(site, files, more, reason):
    before = site.files()
    with pytest.raises(PackageError, match=reason):
        site.run(site.package("notice.zip", files, **more))
    assert site.files() == before and not (site.path / "update").exists()


def test_a_given_package_wins_over_an_offered_one_and_two_given_ones_are_refused(site):
    offered = site.package("offered.zip", {"notice/notice.php": plugin("3.0")}, offered=True)
    given = site.package("given.zip", {"notice/notice.php": plugin("2.0")})
    assert site.run(offered, given, check_mode=True)["changes"][0]["to"] == "2.0"
    with pytest.raises(PackageError, match="are both packages of the plugin notice"):
        site.run(given, {**offered, "offered": False})
