# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of the offload plugin as a zip file, the form in which the real one is given."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

SLUG = "amazon-s3-and-cloudfront"
SOURCE = Path(__file__).parent / "images" / "offload_stand_in" / SLUG
# The oldest time that a zip can hold: the same files give the same checksum on every machine.
EPOCH = (1980, 1, 1, 0, 0, 0)


def build(target: Path) -> str:
    """Write the zip file and return its sha256."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(SOURCE.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                entry = zipfile.ZipInfo(f"{SLUG}/{path.relative_to(SOURCE)}", EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
    return hashlib.sha256(target.read_bytes()).hexdigest()
