# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of earlier recipes are removed on request, in a podman storage of the test's own."""

from __future__ import annotations

import io
import os
import tarfile

import pytest

from lightsail_local import images
from lightsail_local.data_plane.hosts import podman


@pytest.fixture
def storage(tmp_path, monkeypatch):
    """An empty podman storage; the machine's own images are not seen."""
    if os.geteuid():
        pytest.skip("needs root")
    settings = tmp_path / "storage.conf"
    settings.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/graph"\nrunroot = "{tmp_path}/run"\n')
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(settings))
    tree = io.BytesIO()
    with tarfile.open(fileobj=tree, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    (tmp_path / "tree.tar").write_bytes(tree.getvalue())

    def make(*names):
        for number, name in enumerate(names):
            podman.run("import", "--quiet", "--change", f"LABEL number={number}", str(tmp_path / "tree.tar"), name)

    yield make
    podman.run("rm", "--all", "--force")
    podman.run("image", "rm", "--all", "--force")


def test_old_images_go_and_current_used_and_foreign_ones_stay(storage):
    current, foreign = images.tag("lightsail"), "localhost/somebody/lightsail:1"
    old, used = (f"localhost/lightsail-local/{name}:0123456789abcdef" for name in ("instance", "database"))
    storage(current, foreign, old, used)
    podman.run("create", used, "/bin/true")
    assert images.prune() == ([old], [used])
    assert images.superseded() == [used]
    assert podman.image_exists(current) and podman.image_exists(foreign)


def test_a_long_build_says_how_far_it_is(tmp_path):
    said = []
    script = "echo Unpacking php; sleep 0.5; printf 'Setting up apache\\n\\n'; sleep 0.5; exit 3"
    assert images._watch(["sh", "-c", script], tmp_path / "log", said.append, every=0.2) == 3
    assert said[0].endswith("s: Unpacking php") and said[-1].endswith("s: Setting up apache")
