# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is right about Syncthing's settings whatever a node had before. Syncthing itself runs in the role's scenario."""

from __future__ import annotations

import copy
import os
import pwd
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _syncthing
from ansible_collections.cloudpress.lightsail.plugins.modules import syncthing, syncthing_info

# Made by Syncthing 1.19.2, which calls it by the name below.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIICGjCCAaGgAwIBAgIHM4fowLCFsDAKBggqhkjOPQQDAjBKMRIwEAYDVQQKEwlT
eW5jdGhpbmcxIDAeBgNVBAsTF0F1dG9tYXRpY2FsbHkgR2VuZXJhdGVkMRIwEAYD
VQQDEwlzeW5jdGhpbmcwHhcNMjYxMTI5MDAwMDAwWhcNNDYxMTI0MDAwMDAwWjBK
MRIwEAYDVQQKEwlTeW5jdGhpbmcxIDAeBgNVBAsTF0F1dG9tYXRpY2FsbHkgR2Vu
ZXJhdGVkMRIwEAYDVQQDEwlzeW5jdGhpbmcwdjAQBgcqhkjOPQIBBgUrgQQAIgNi
AATxHcTRFBehNFqychrp+k38f26rtd57PU2EiWhPW1NUyLKuyPezQ9Hnh3CkNtPW
WaGi28f+2M4ipUiBTzEWANDHNpJ1VuB4ykIyujFoBFRto2A5RzDEwf8NaETHtZ/B
kCCjVTBTMA4GA1UdDwEB/wQEAwIFoDAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYB
BQUHAwIwDAYDVR0TAQH/BAIwADAUBgNVHREEDTALgglzeW5jdGhpbmcwCgYIKoZI
zj0EAwIDZwAwZAIwavjsaE3qmLXWR4czROtZuCDQGEStcFF5efct8deJw7y8Gmam
V23J+9ZWAeFAXshPAjBOQY4MGaC5BBC/7S4szYRya9RIYkVIrbsOu1ZFyMCgSd4x
mDidcKnENBXO2GWOQb8=
-----END CERTIFICATE-----
"""
ID = "O5LN3IF-WPVVQYN-XVN4LS4-KD3TOCN-3WPE7XK-UOJMXH6-TVLWCNC-IPQNAQP"
DIRECTORIES = [{"id": "uploads", "path": "/srv/uploads", "ignore": []}]

ids = st.integers(1, 5).map("ID-{}".format)
nodes = st.lists(ids, unique=True, max_size=5).map(
    lambda found: [{"name": f"web {id}", "address": f"172.26.0.{id[-1]}", "device_id": id} for id in found]
)
devices = st.lists(
    st.builds(
        lambda id, paused: {"deviceID": id, "name": "old", "paused": paused, "addresses": ["dynamic"]},
        ids,
        st.booleans(),
    ),
    max_size=4,
)
folders = st.lists(
    st.builds(
        lambda id, members, kind: {
            "id": id,
            "path": "/old",
            "type": kind,
            "devices": [{"deviceID": member, "encryptionPassword": ""} for member in members],
        },
        st.sampled_from(["uploads", "default"]),
        st.lists(ids, unique=True),
        st.sampled_from(["sendreceive", "receiveonly"]),
    ),
    unique_by=lambda folder: folder["id"],
)
configs = st.builds(
    lambda options, devices, folders: {"version": 36, "options": options, "devices": devices, "folders": folders},
    st.dictionaries(st.sampled_from([*_syncthing.OPTIONS, "listenAddresses", "maxSendKbps"]), st.just("old")),
    devices,
    folders,
)


def test_a_certificate_has_the_name_that_syncthing_gives_it():
    assert _syncthing.device_id(CERTIFICATE) == ID


@given(configs, nodes, st.booleans())
def test_only_the_nodes_are_met_and_only_the_directories_shared(config, members, receive):
    before = copy.deepcopy(config)
    wanted = _syncthing.wanted_config(config, "ID-1", "172.26.0.1", members, DIRECTORIES, receive)
    assert config == before
    given_ids = sorted(node["device_id"] for node in members)
    assert [device["deviceID"] for device in wanted["devices"]] == given_ids
    assert [folder["id"] for folder in wanted["folders"]] == ["uploads"]
    assert [device["deviceID"] for device in wanted["folders"][0]["devices"]] == given_ids
    assert wanted["folders"][0]["type"] == ("receiveonly" if receive else "sendreceive")
    assert wanted["folders"][0]["ignorePerms"] and wanted["folders"][0]["maxConflicts"] == -1
    assert wanted["options"]["listenAddresses"] == ["tcp://172.26.0.1:22000"]
    assert not any(
        wanted["options"][key]
        for key in ("globalAnnounceEnabled", "localAnnounceEnabled", "relaysEnabled", "natEnabled")
    )
    for device in wanted["devices"]:
        if device["deviceID"] != "ID-1":
            assert device["addresses"] == [f"tcp://172.26.0.{device['deviceID'][-1]}:22000"]
            assert device["allowedNetworks"] == [f"172.26.0.{device['deviceID'][-1]}/32"]
    assert wanted["options"].get("maxSendKbps") == config["options"].get("maxSendKbps")


@given(configs, nodes, st.booleans())
def test_what_is_as_wanted_stays(config, members, receive):
    once = _syncthing.wanted_config(config, "ID-1", "172.26.0.1", members, DIRECTORIES, receive)
    twice = _syncthing.wanted_config(once, "ID-1", "172.26.0.1", list(reversed(members)), DIRECTORIES, receive)
    assert _syncthing.normal(once) == _syncthing.normal(twice)
    assert _syncthing.summary(once) == _syncthing.summary(twice)


def test_an_instance_is_told_from_a_copy_of_its_disk(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    assert _syncthing.instance(str(tmp_path)) == "0123456789abcdef0123456789abcdef"
    (tmp_path / "var/lib/cloud/data").mkdir(parents=True)
    (tmp_path / "var/lib/cloud/data/instance-id").write_text("i-0123456789abcdef0\n")
    assert _syncthing.instance(str(tmp_path)) == "i-0123456789abcdef0"


@pytest.mark.parametrize("text", ["", "../../root", "a b"])
def test_a_note_that_is_no_name_is_not_one(tmp_path, text):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/machine-id").write_text(text)
    with pytest.raises(_syncthing.Problem, match="which instance this is"):
        _syncthing.instance(str(tmp_path))


def test_identities_of_a_copied_disk_are_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(_syncthing, "instance", lambda: "i-new")
    for name in ("i-old", "i-new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.xml").write_text("<configuration/>")
    (tmp_path / "i-half").mkdir()
    node = _syncthing.Node(str(tmp_path), "root")
    assert node.exists() and node.others() == [str(tmp_path / "i-old")]


def test_a_daemon_that_is_off_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(_syncthing, "instance", lambda: "i-new")
    (tmp_path / "i-new").mkdir()
    (tmp_path / "i-new" / "config.xml").write_text("<configuration><gui><apikey>k</apikey></gui></configuration>")
    with pytest.raises(_syncthing.Problem, match="^Syncthing on this host does not answer: "):
        _syncthing.Node(str(tmp_path), "root").ask("GET", "system/ping")


PEER = {"name": "web-2", "device_id": "ID-2", "connected": True, "behind": 0, "extra": 0}
DIRECTORY = {
    "id": "uploads",
    "path": "/srv",
    "receive_only": False,
    "state": "idle",
    "behind": 0,
    "own": 0,
    "errors": 0,
    "error": "",
    "files": 41,
    "bytes": 9,
}


@pytest.mark.parametrize(
    ("peer", "directory", "together", "line"),
    [
        ({}, {}, True, "in step with web-2, 41 files"),
        ({"connected": False}, {}, False, "not connected with web-2"),
        ({"behind": 2, "extra": 1}, {}, False, "changes are on their way to web-2 (3)"),
        ({}, {"behind": 7, "state": "syncing"}, False, "lacks 7 files"),
        ({}, {"state": "error"}, False, "uploads (error)"),
        ({}, {"errors": 1, "error": "a.css: permission denied"}, False, "uploads (a.css: permission denied)"),
    ],
)
def test_whether_nodes_are_in_step(peer, directory, together, line):
    peers, directories = [{**PEER, **peer}], [{**DIRECTORY, **directory}]
    assert syncthing_info.is_together(peers, directories) is together
    assert syncthing_info.words(peers, directories) == line


def test_a_node_that_shares_nothing_is_not_in_step():
    assert not syncthing_info.is_together([], []) and syncthing_info.words([], []) == "shares no directory"


def test_patterns_are_a_file_of_lines():
    assert syncthing.ignore_text(["/a", "*.b"]).splitlines()[1:] == ["/a", "*.b"]


def test_directories_of_others_are_opened_and_links_not_followed(tmp_path):
    user = pwd.getpwuid(os.getuid())
    if user.pw_uid:
        pytest.skip("only root gives directories to others")
    shared, elsewhere = tmp_path / "shared", tmp_path / "elsewhere"
    for path in (shared, shared / "closed", shared / "closed/deep", shared / "open", elsewhere):
        path.mkdir()
        path.chmod(0o755)
    (shared / "open").chmod(0o2775)
    (shared / "link").symlink_to(elsewhere)
    nobody = pwd.getpwnam("nobody")
    os.chown(shared / "open", 0, nobody.pw_gid)
    os.chown(shared / "closed/deep", nobody.pw_uid, nobody.pw_gid)
    expected = [str(shared), str(shared / "closed")]
    assert syncthing.closed_directories(str(shared), "nobody", True) == expected
    assert syncthing.closed_directories(str(shared), "nobody", False) == expected
    assert syncthing.closed_directories(str(shared), "nobody", False) == []
    assert stat.S_IMODE((shared / "closed").stat().st_mode) == 0o775
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755 and elsewhere.stat().st_gid != nobody.pw_gid
