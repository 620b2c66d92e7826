# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate of the move leaves nothing behind, on web servers with a directory for further settings and on those without one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

FILES = Path(__file__).resolve().parents[3] / "roles" / "wordpress_database" / "files"
PHP = shutil.which("php")
pytestmark = pytest.mark.skipif(PHP is None, reason="needs a php on PATH")

# The PHP of this machine may lack mysqli, which the gate does not use.
BEGIN = """
    if ( ! function_exists( 'mysqli_report' ) ) { function mysqli_report() {} define( 'MYSQLI_REPORT_ERROR', 1 ); define( 'MYSQLI_REPORT_STRICT', 2 ); }
    $in = json_decode( stream_get_contents( STDIN ), true );
    define( 'BASE', $in['base'] );
"""


def php(code: str, **values: object) -> str:
    code = BEGIN + "".join(f"require '{FILES}/{name}.php';" for name in ("schema", "look", "database")) + code
    done = subprocess.run([PHP, "-d", "display_errors=stderr", "-r", code], input=json.dumps(values), capture_output=True, text=True, check=True)
    return done.stdout


def facts(tmp_path: Path, drop_in_dir: str) -> dict[str, object]:
    (tmp_path / "root").mkdir()
    server = {"drop_in_dir": drop_in_dir, "includes": [] if drop_in_dir else [str(tmp_path / "httpd.conf")]}
    return {"root": str(tmp_path / "root"), "web_server": server, "commands": {"web_server_test": []}}


@pytest.mark.parametrize("has_directory", [True, False])
def test_the_gate_is_read_while_it_is_closed_and_gone_afterwards(tmp_path, has_directory):
    main, drop_ins = tmp_path / "httpd.conf", tmp_path / "conf-enabled"
    drop_ins.mkdir()
    main.write_text("ServerName x\n# no newline at the end")
    main.chmod(0o640)
    before = main.read_bytes()
    given = {"base": str(tmp_path), "facts": facts(tmp_path, str(drop_ins) if has_directory else "")}
    (tmp_path / "root" / "cloudpress-move-left.php").write_text("of a run that was killed")

    header = php("close_gate( $in['facts'] ); echo close_gate( $in['facts'] );", **given)
    gate = (drop_ins if has_directory else tmp_path) / "zz-cloudpress-move.conf"
    assert header.split(": ")[1].strip() in gate.read_text() and gate.stat().st_mode & 0o777 == 0o600
    assert main.read_text().count(f'Include "{gate}"') == (0 if has_directory else 1)

    php("remove_gate( $in['facts'] ); remove_gate( $in['facts'] );", **given)
    assert not gate.exists() and not list((tmp_path / "root").iterdir())
    assert main.read_bytes() == before and main.stat().st_mode & 0o777 == 0o640
