# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's archive inside the cloud: what an owner types on a host works as on a real one, and apt trusts what it gets."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("image", ["lightsail", "bitnami"])
def test_a_package_is_installed_as_on_a_real_host(make_host, image):
    host = make_host(source={"image": image})
    # Nothing on the host says that unsigned indexes or packages would do.
    assert host.ssh("apt-config dump | grep -iE 'allow-?(insecure|unauth|weak).*\"(1|true|yes)\"' || true") == ""
    assert "[trusted" not in host.ssh("cat /etc/apt/sources.list")
    host.ssh("sudo apt-get -q update && sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y install syncthing")
    assert "syncthing v1." in host.ssh("syncthing --version")
    # The rest of Debian is in the indexes, as on a real host, but only what roles install can be had.
    assert "404" in host.ssh("sudo apt-get -q -y install hello 2>&1 || true")


def test_the_archive_has_no_other_names(make_host):
    host = make_host(source={"image": "lightsail"})
    address = host.ssh("getent hosts $(grep -ohE '//[^/]+' /etc/apt/sources.list | cut -c3- | head -1)").split()[0]
    assert address == host.plane.archive.address
    status = host.ssh(f"curl -s -o /dev/null -w '%{{http_code}}' -H 'Host: elsewhere.example' http://{address}/debian/dists/")
    assert status == "404"
