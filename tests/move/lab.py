# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One WordPress host and one managed database, without API, and the role wordpress_database between them. Needs root and podman."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable

from layouts import LAYOUTS, layout

from lightsail_local.certificates import CertificateAuthority
from lightsail_local.data_plane.hosts import HostsDataPlane, podman

ROOT = Path(__file__).resolve().parents[2]
TORTURE = ROOT / "extensions" / "molecule" / "wordpress_database" / "torture.sql"
ENDPOINT = "ls-0123456789abcdef0123456789abcdef01234567.cabcdefgh.eu-central-1.rds.amazonaws.com"
MASTER, PASSWORD = "dbmasteruser", "it's-$a#\\&%word"
SCHEMA = "wordpress"
# Beyond what lightsail_local.networks gives out (0 to 249), shared with tests/data_plane. A place is locked while a run has it.
INDICES = range(250, 256)
SSH = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o IdentitiesOnly=yes -F /dev/null"
MARK = "Sentinel of the old site"


def free_place() -> tuple[Path, int, Any]:
    for index in INDICES:
        directory = Path(f"/var/tmp/lightsail-local-tests-{index}")
        directory.mkdir(exist_ok=True)
        lock = open(directory / "lock", "w")  # held as long as this process lives
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return directory, index, lock
    raise SystemExit(f"all places of {INDICES} are in use by other test runs")


class Lab:
    """The host is called web, the database db; both can be made anew in seconds."""

    def __init__(self) -> None:
        self.directory, index, self._lock = free_place()
        self.plane = HostsDataPlane(self.directory, index, CertificateAuthority(self.directory / "ca"))
        self.plane.remove()
        self.plane.start()
        self.key = self.directory / "key"
        if not self.key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)
        self.address = self.plane.allocate_address()
        made = self.plane.create_database("db", endpoint_name=ENDPOINT, master_username=MASTER, master_password=PASSWORD, database_name="dbmaster")
        self.plane.put_dns({"zones": {}, "delegated": [], "external": {}, "names": {ENDPOINT: made["address"]}})
        self.plane.set_database_parameters("db", {"log_bin_trust_function_creators": "1"})
        self._write_playbook()

    def close(self) -> None:
        # the workers of a playbook that was killed have sessions of their own and outlive it
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"@{self.directory}/variables.json" in (process / "cmdline").read_text().split("\0"):
                    os.kill(int(process.name), signal.SIGKILL)
            except (OSError, UnicodeDecodeError):
                pass
        self.plane.remove()
        self._lock.close()

    # -- hosts and databases -------------------------------------------------------------------------------------
    def host(self, source: dict[str, str] | None = None) -> None:
        """A new host web in place of the one that is there, from the image of the layout, {"image": name} or {"snapshot": name}."""
        self.layout = LAYOUTS["bitnami"] if source and source.get("image") == "bitnami_b" else layout()
        if self.plane.cloud.records.get("instances", "web"):
            self.plane.delete_instance("web")
        public = self.key.with_suffix(".pub").read_text()
        self.plane.create_instance(
            "web", name="web", public_ip=self.address, source=source or {"image": self.layout.name}, user_data="", authorized_keys=[public], user_ca=public
        )
        for _ in range(600):
            if self.visit()[0] == 200:
                return
            time.sleep(0.2)
        raise AssertionError(f"the new host does not serve its site: {self.visit()}")

    def snapshot(self, name: str) -> None:
        self.plane.create_instance_snapshot(name, "web")

    def empty_database(self) -> None:
        """As it was when it was made: the master's password, no schema but dbmaster, no other account."""
        self.plane.set_database_password("db", PASSWORD)
        system = "'mysql', 'sys', 'information_schema', 'performance_schema', 'dbmaster'"
        for name in self.there(f"SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ({system})"):
            self.there(f"DROP DATABASE `{name}`")
        self.there("DROP USER IF EXISTS 'wordpress'@'%'")

    # -- looking and touching ------------------------------------------------------------------------------------
    def there(self, statement: str) -> list[str]:
        """SQL on the managed database, as its own administrator; the lines of the answer."""
        return self.plane.databases._sql("db", statement + ";\n").splitlines()

    def shell(self, command: str, check: bool = True, input: str | None = None) -> str:
        """As root on the host."""
        return podman.run("exec", "--interactive", self.container("i-web"), "bash", "-c", command, check=check, input=input or "")

    def here(self, statement: str, check: bool = True) -> list[str]:
        """SQL on the host's own database, as root; the lines of the answer, and the server's refusal unless that is a failure."""
        there = self.layout
        command, socket = there.mysql, there.socket
        # the generation before has MySQL in the place of MariaDB
        if self.shell(f"test -e {socket} || echo gone").strip():
            command, socket = command.replace("/mariadb/", "/mysql/"), socket.replace("/mariadb/", "/mysql/")
        options = f"--socket={socket} --default-character-set=utf8mb4 --batch --skip-column-names"
        lines = self.shell(f"{command} {options} {there.schema} 2>&1", check=False, input=statement).splitlines()
        assert not check or not [line for line in lines if line.startswith("ERROR ")], lines
        return lines

    def php(self, code: str) -> str:
        """PHP inside WordPress, as the web server's user."""
        root = f"$(ls -d {self.layout.root} /opt/bitnami/apps/wordpress/htdocs 2>/dev/null | head -1)"
        script = f"$_SERVER['HTTP_HOST'] = '127.0.0.1'; require getenv('SITE') . '/wp-load.php'; {code}"
        return self.shell(f"export SITE={root}; exec runuser -u {self.layout.web_user} -- {self.layout.php}", input="<?php " + script)

    def program(self, path: str, code: str) -> None:
        """Start a PHP program that works on the host's own database with WordPress's account, past WordPress: $db is its way in."""
        password = self.php("echo DB_PASSWORD;")
        self.shell("umask 077; cat > /root/password", input=password)
        account = f"'localhost', '{self.layout.database_user}', trim( file_get_contents( '/root/password' ) )"
        start = f"$connect = function () {{ return new mysqli( {account}, '{self.layout.schema}', 0, '{self.layout.socket}' ); }};"
        self.shell(f"cat > {path}; setsid {self.layout.php} {path} > /dev/null 2>&1 &", input=f"<?php\n{start}\n{code}")

    def container(self, name: str) -> str:
        return self.plane.cloud.container(name)

    def pid(self) -> int:
        return self.plane.cloud.pid("i-web")

    def visit(self, path: str = "/", timeout: float = 10) -> tuple[int, str]:
        """The site as a visitor sees it; status 0 when nobody answers."""
        if self.layout.scheme == "https":
            # nobody signs the certificate of an untouched host
            connection = http.client.HTTPSConnection(self.address, 443, timeout=timeout, context=ssl._create_unverified_context())
        else:
            connection = http.client.HTTPConnection(self.address, 80, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Host": self.address})
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def state(self) -> str:
        """old, new, or what else a visitor gets."""
        for _ in range(20):
            status, page = self.visit()
            if status == 200 and MARK in page:
                config = self.shell(f"cat {self.layout.config} 2>/dev/null || cat /opt/bitnami/apps/wordpress/htdocs/wp-config.php")
                return "new" if ENDPOINT in config else "old"
            time.sleep(0.1)
        return "closed" if status == 0 else f"status {status}"

    def cut(self, cut: bool) -> None:
        """The network between host and managed database."""
        rule = ["INPUT", "-s", self.plane.cloud.records.get("instances", "web")["private_ip"], "-j", "DROP"]
        namespace = self.plane.cloud.network.namespace("db-db")
        while subprocess.run(["ip", "netns", "exec", namespace, "iptables", "-D", *rule], capture_output=True, check=False).returncode == 0:
            pass
        if cut:
            subprocess.run(["ip", "netns", "exec", namespace, "iptables", "-I", *rule], check=True)

    # -- the role ------------------------------------------------------------------------------------------------
    def _write_playbook(self) -> None:
        save = {"content": "{{ wordpress_database_result | to_json }}", "dest": str(self.directory / "result.json"), "mode": "0600"}
        (self.directory / "move.yml").write_text(
            json.dumps(
                [
                    {
                        "hosts": "all",
                        "gather_facts": False,
                        "roles": ["cloudpress.lightsail.wordpress_database"],
                        "post_tasks": [{"ansible.builtin.copy": save, "delegate_to": "localhost", "check_mode": False, "changed_when": False}],
                    }
                ]
            )
        )
        (self.directory / "variables.json").write_text(
            json.dumps(
                {
                    "ansible_host": self.address,
                    "ansible_ssh_private_key_file": str(self.key),
                    "ansible_ssh_common_args": SSH,
                    "ansible_python_interpreter": "/usr/bin/python3",
                    "wordpress_database_host": ENDPOINT,
                    "wordpress_database_ca_bundle": str(self.directory / "ca" / "rds-ca.pem"),
                    "wordpress_database_master_user": MASTER,
                    "wordpress_database_master_password": PASSWORD,
                }
            )
        )

    def begin(self, *arguments: str, playbook: str = "move.yml", **variables: Any) -> subprocess.Popen[str]:
        """Start the playbook; its output is a pipe."""
        collections = ROOT / ".cache" if not ROOT.match("*/ansible_collections/cloudpress/lightsail") else ROOT.parents[2]
        link = collections / "ansible_collections" / "cloudpress" / "lightsail"
        if not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(ROOT)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")} | {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(self.directory / "ansible"),
            "PYTHONUNBUFFERED": "1",
        }
        return subprocess.Popen(
            [
                *(str(Path(sys.executable).parent / "ansible-playbook"), "-i", "web,", "-e", f"@{self.directory}/variables.json"),
                *(str(self.directory / playbook), "-e", json.dumps({"ansible_user": self.layout.login, **variables}), *arguments),
            ],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # so that a test can kill it and all it has started
            start_new_session=True,
        )

    def move(self, *arguments: str, on_line: Callable[[str], None] = lambda line: None, **variables: Any) -> tuple[int, str]:
        """Run the playbook to its end: exit status and output."""
        process = self.begin(*arguments, **variables)
        lines = []
        for line in process.stdout:
            lines.append(line)
            on_line(line)
        return process.wait(), "".join(lines)

    def write_target_options(self) -> None:
        """An option file of the client on the host, with the master's account."""
        quoted = PASSWORD.replace("\\", "\\\\")
        self.shell("cat > /root/target-ca.pem", input=(self.directory / "ca" / "rds-ca.pem").read_text())
        options = f'user={MASTER}\npassword="{quoted}"\nhost={ENDPOINT}\nssl-ca=/root/target-ca.pem\n'
        self.shell("umask 077; cat > /root/target.cnf", input=f"[client]\n{options}")

    def compare(self) -> dict[str, Any]:
        """What mysql_compare says of both databases as they are now."""
        password = self.shell(self.layout.password)
        self.shell("umask 077; cat > /root/source.cnf", input=f"[client]\nuser=root\nsocket={self.layout.socket}\npassword={password}")
        self.write_target_options()
        task = {
            "source_defaults_file": "/root/source.cnf",
            "source_schema": self.layout.schema,
            "target_defaults_file": "/root/target.cnf",
            "target_schema": SCHEMA,
            "fail_on_difference": False,
            "collations": {
                "utf8mb4_uca1400_ai_ci": "utf8mb4_unicode_520_ci",
                "utf8mb4_uca1400_as_cs": "utf8mb4_0900_as_cs",
                "utf8mb4_uca1400_swedish_ai_ci": "utf8mb4_swedish_ci",
                "utf8mb4_nopad_bin": "utf8mb4_bin",
                "ucs2_uca1400_ai_ci": "ucs2_unicode_520_ci",
                "utf8mb3_uca1400_ai_ci": "utf8mb3_unicode_520_ci",
            },
        }
        save = {"content": "{{ compared | to_json }}", "dest": str(self.directory / "result.json"), "mode": "0600"}
        tasks = [
            {"cloudpress.lightsail.mysql_compare": task, "register": "compared", "become": True},
            {"ansible.builtin.copy": save, "delegate_to": "localhost"},
        ]
        (self.directory / "compare.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        process = self.begin(playbook="compare.yml")
        output = process.communicate()[0]
        assert process.returncode == 0, output
        return self.result()

    def result(self) -> dict[str, Any]:
        return json.loads((self.directory / "result.json").read_text())


def message(output: str) -> str:
    """The last reason for which a playbook failed."""
    reasons = [json.loads(part)["msg"] for part in _failures(output)]
    return reasons[-1] if reasons else output[-2000:]


def _failures(output: str) -> list[str]:
    return [line.split("FAILED! => ", 1)[1] for line in output.splitlines() if "FAILED! => " in line]
