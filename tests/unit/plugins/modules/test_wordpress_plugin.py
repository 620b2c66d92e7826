# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wordpress_plugin puts a plugin in place as a whole, or leaves the one that is there."""

from __future__ import annotations

import grp
import hashlib
import json
import os
import pwd
import zipfile

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import wordpress_plugin
from ansible_collections.cloudpress.lightsail.plugins.modules.wordpress_plugin import PackageError

MAIN = "<?php\n/*\nPlugin Name: Media\nVersion: {version}\n*/\n"


@pytest.fixture
def host(tmp_path):
    """What the module is asked, and a directory of plugins in which version 1.0 is installed by hand."""
    (tmp_path / "plugins" / "media").mkdir(parents=True)
    (tmp_path / "plugins" / "media" / "media.php").write_text(MAIN.format(version="1.0"))
    (tmp_path / "plugins" / "media" / "left-over.php").write_text("<?php\n")
    return {
        "directory": str(tmp_path / "plugins"), "name": "media", "main_file": "media.php", "src": str(tmp_path / "media.zip"), "sha256": "", "checksums": None,
        "record": str(tmp_path / "state" / "media.json"), "owner": pwd.getpwuid(os.getuid()).pw_name, "group": grp.getgrgid(os.getgid()).gr_name,
        "directory_mode": "2775", "file_mode": "0664",
    }  # fmt: skip


def pack(host, files):
    with zipfile.ZipFile(host["src"], "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def published(host, files):
    sums = {name.split("/", 1)[1]: {"sha256": hashlib.sha256(text.encode()).hexdigest()} for name, text in files.items()}
    host["checksums"] = host["src"] + ".json"
    with open(host["checksums"], "w", encoding="utf-8") as stream:
        json.dump({"files": sums}, stream)


NEW = {"media/media.php": MAIN.format(version="2.0"), "media/inc/code.php": "<?php\n"}


def test_a_plugin_takes_the_place_of_the_one_that_is_there(host, tmp_path):
    pack(host, NEW)
    published(host, NEW)
    wordpress_plugin.install(host, *wordpress_plugin.opened(host))
    found = wordpress_plugin.installed(host)
    assert found["version"] == "2.0" and found["verified"] and found["sha256"] == hashlib.sha256((tmp_path / "media.zip").read_bytes()).hexdigest()
    assert sorted(os.listdir(tmp_path / "plugins")) == ["media"]
    assert sorted(path.name for path in (tmp_path / "plugins" / "media").rglob("*")) == ["code.php", "inc", "media.php"]


def test_files_get_the_modes_of_the_tree(host, tmp_path):
    pack(host, NEW)
    wordpress_plugin.install(host, *wordpress_plugin.opened(host))
    modes = {path.name: path.stat().st_mode & 0o7777 for path in [tmp_path / "plugins" / "media", *(tmp_path / "plugins" / "media").rglob("*")]}
    assert modes == {"media": 0o2775, "inc": 0o2775, "media.php": 0o664, "code.php": 0o664}


@pytest.mark.parametrize(
    ("files", "listed", "sha256", "reason"),
    [
        (NEW, None, "0" * 64, "has the SHA-256 .* not 0000"),
        ({"other/other.php": "<?php"}, None, "", "does not hold media/media.php"),
        ({**NEW, "evil.php": "<?php"}, None, "", "holds evil.php, outside of its own folder"),
        ({**NEW, "media/../../evil.php": "<?php"}, None, "", "leads out of its own folder"),
        ({**NEW, "media/inc/code.php": "<?php evil();"}, NEW, "", "inc/code.php is not the one whose checksum was published"),
        ({**NEW, "media/more.php": "<?php"}, NEW, "", "more.php is not the one whose checksum was published"),
        ({"media/media.php": NEW["media/media.php"]}, NEW, "", "lacks inc/code.php"),
        (NEW, {}, "", "list no files"),
    ],
)
def test_a_zip_that_is_not_right_is_refused(host, files, listed, sha256, reason):
    pack(host, files)
    if listed is not None:
        published(host, listed)
    with pytest.raises(PackageError, match=f"{reason}.*it was not installed.$"):
        wordpress_plugin.opened({**host, "sha256": sha256})


def test_no_zip_at_all_is_refused(host, tmp_path):
    (tmp_path / "media.zip").write_text("404 Not Found")
    with pytest.raises(PackageError, match="The plugin's zip is no zip file; it was not installed"):
        wordpress_plugin.opened(host)


def test_a_disk_that_fills_up_leaves_the_old_plugin(host, tmp_path, monkeypatch):
    pack(host, NEW)
    archive, found = wordpress_plugin.opened(host)

    def full(*_arguments):
        raise OSError("No space left on device")

    monkeypatch.setattr(archive, "extractall", full)
    with pytest.raises(OSError, match="No space left"):
        wordpress_plugin.install(host, archive, found)
    assert wordpress_plugin.installed(host)["version"] == "1.0" and os.listdir(tmp_path / "plugins") == ["media"]


def test_a_run_that_was_killed_between_the_moves_is_put_right(host, tmp_path):
    (tmp_path / "plugins" / "media").rename(tmp_path / "plugins" / ".media.old")
    pack(host, NEW)
    wordpress_plugin.install(host, *wordpress_plugin.opened(host))
    assert wordpress_plugin.installed(host)["version"] == "2.0" and os.listdir(tmp_path / "plugins") == ["media"]
