# SPDX-License-Identifier: GPL-3.0-or-later
"""What the data plane has to remember over a restart: one small JSON file per thing, written atomically."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any


class Records:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.Lock()

    def _path(self, kind: str, id: str) -> Path:
        return self.directory / kind / id / "record.json"

    def folder(self, kind: str, id: str) -> Path:
        """Where the thing's other files are: seed, certificates, configuration."""
        path = self.directory / kind / id
        path.mkdir(parents=True, exist_ok=True)
        return path

    def get(self, kind: str, id: str) -> Any:
        try:
            return json.loads(self._path(kind, id).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def put(self, kind: str, id: str, record: Any) -> None:
        path = self._path(kind, id)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, json.dumps(record, indent=1), 0o600)

    def update(self, kind: str, id: str, **changes: Any) -> Any:
        with self._lock:
            record = self.get(kind, id)
            if record is not None:
                record.update(changes)
                self.put(kind, id, record)
            return record

    def delete(self, kind: str, id: str) -> None:
        shutil.rmtree(self.directory / kind / id, ignore_errors=True)

    def all(self, kind: str) -> dict[str, Any]:
        folder = self.directory / kind
        if not folder.is_dir():
            return {}
        found = {path.name: self.get(kind, path.name) for path in sorted(folder.iterdir())}
        return {id: record for id, record in found.items() if record is not None}


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Whole or not at all."""
    new = path.with_name(f".{path.name}.{threading.get_ident()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    os.replace(new, path)
