# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases: a real MySQL that requires TLS, with a master user who may what RDS's may, and no more."""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from typing import Any

from ..base import DataPlaneError
from . import podman
from .cloud import Cloud
from .records import write

KIND = "databases"
PORT = 3306
# Settings that the owner made are read after those of the image.
START = (
    '[ "$(cat /rdsdbdata/host 2>/dev/null)" = "$(hostname)" ] || rm -f /rdsdbdata/db/auto.cnf; hostname > /rdsdbdata/host;'
    " chown mysql:mysql /run/mysqld; exec mysqld --defaults-file=/etc/mysql/rds.cnf"
)
# What RDS grants its master user on MySQL (no SUPER, no FILE, no SHUTDOWN, no right to name another user as definer).
MASTER_RIGHTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW,"
    " CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, CREATE ROLE, DROP ROLE"
)


def text(value: str) -> str:
    """An SQL string."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(value: str) -> str:
    return "`" + value.replace("`", "``") + "`"


class Databases:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.records, self.network = cloud, cloud.records, cloud.network

    def name(self, id: str) -> str:
        return f"db-{id}"

    def _record(self, id: str) -> dict[str, Any]:
        record = self.records.get(KIND, id)
        if record is None:
            raise self.cloud.missing("database", id)
        return record

    # -- life ----------------------------------------------------------------------------------------------------
    def create(
        self,
        id: str,
        *,
        endpoint_name: str,
        master_username: str,
        master_password: str,
        database_name: str,
        snapshot_id: str | None,
        public_ip: str | None,
    ) -> dict[str, Any]:
        if self.records.get(KIND, id) is not None:
            # A create that was cut short; control repeats it.
            self.delete(id)
        if snapshot_id is None:
            image = self.cloud.image("database")
        else:
            image = self.cloud.snapshot_image("database", snapshot_id)
            if not podman.image_exists(image):
                raise self.cloud.missing("database snapshot", snapshot_id)
        private_ip = self.network.allocate_private()
        record = {
            "endpoint_name": endpoint_name,
            "master_username": master_username,
            "private_ip": private_ip,
            "public_ip": public_ip,
            "parameters": {},
            "running": True,
        }
        if snapshot_id is not None:
            record["parameters"] = (self.records.get("database-snapshots", snapshot_id) or {}).get("parameters", {})
        self.records.put(KIND, id, record)
        try:
            self._seed(id, record)
            self._wire(id, record)
            seed = self.records.folder(KIND, id) / "seed"
            self.cloud.run(
                self.name(id),
                image,
                # A copied disk is a server of its own, so it gets its own identity at its first start here.
                ["/bin/sh", "-c", START],
                hostname="ip-" + private_ip.replace(".", "-"),
                options=[
                    *("--tmpfs", "/run/mysqld:rw,mode=755"),
                    *("--volume", f"{seed}:/run/seed:ro"),
                    *("--stop-timeout", "60"),
                ],
            )
            self._wait(id)
            self._master(id, master_username, master_password, database_name)
        except BaseException:
            self.delete(id)
            raise
        return {"address": public_ip or private_ip, "port": PORT}

    def _seed(self, id: str, record: dict[str, Any]) -> None:
        seed = self.records.folder(KIND, id) / "seed"
        seed.mkdir(exist_ok=True)
        root = self.cloud.ca.databases.root_pem
        # Anew also if it was made by another authority, as those of earlier versions were.
        if not (seed / "server.pem").exists() or (seed / "ca.pem").read_text(encoding="utf-8") != root:
            certificate, key = self.cloud.ca.databases.issue([record["endpoint_name"]])
            write(seed / "server.pem", certificate)
            # mysqld reads it as its own user, whose number the machine does not know; the folder above is closed.
            write(seed / "server.key", key, 0o644)
            write(seed / "ca.pem", root)
        self._write_parameters(id, record)

    def _write_parameters(self, id: str, record: dict[str, Any]) -> None:
        seed = self.records.folder(KIND, id) / "seed"
        # "loose": a value that this server does not take must not keep it from starting.
        lines = ["[mysqld]"] + [f"loose-{name}={value}" for name, value in sorted(record["parameters"].items())]
        write(seed / "parameters.cnf", "\n".join(lines) + "\n")

    def _wire(self, id: str, record: dict[str, Any]) -> None:
        self.network.attach(self.name(id), record["private_ip"], [record["public_ip"]] if record["public_ip"] else [])
        self._filter(id, record)

    def _filter(self, id: str, record: dict[str, Any]) -> None:
        """From the cloud's hosts always; from outside, which is the machine, only at the public address."""
        lines = ["*filter", ":INPUT DROP", ":FORWARD DROP", ":OUTPUT ACCEPT", "-A INPUT -i lo -j ACCEPT"]
        if record["public_ip"]:
            lines.append(f"-A INPUT -d {record['public_ip']} -p tcp --dport {PORT} -j ACCEPT")
        lines += [f"-A INPUT -s {address} -j DROP" for address in self.network.machine]
        lines += [
            f"-A INPUT -s {self.network.private} -p tcp --dport {PORT} -j ACCEPT",
            "-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
            "COMMIT",
        ]
        self.network.filter(self.name(id), "\n".join(lines) + "\n")

    def _wait(self, id: str, seconds: float = 120) -> None:
        pid = self.cloud.pid(self.name(id))
        ready = Path(f"/proc/{pid}/root/run/mysqld/mysqld.pid")
        until = time.monotonic() + seconds
        while pid and time.monotonic() < until and Path(f"/proc/{pid}").exists():
            # mysqld writes its pid file when it is ready to answer.
            if ready.exists():
                return
            time.sleep(0.05)
        log = " ".join(text for moment, text in self.log(id)[-3:])
        what = f"did not come up within {seconds:.0f} s" if time.monotonic() >= until else "ended while it was starting"
        raise DataPlaneError(f"the database {id} {what}" + (f": {log}" if log else ""))

    def log(self, id: str) -> list[tuple[float, str]]:
        """What mysqld wrote since the container was made; it writes its error log to where containers write."""
        known = podman.inspect(self.cloud.container(self.name(id)))
        path = Path(known["HostConfig"]["LogConfig"]["Path"]) if known else None
        lines: list[tuple[float, str]] = []
        begun = ""
        for line in path.read_text(errors="replace").splitlines() if path and path.exists() else []:
            stamp, dummy, kind, text = [*line.split(" ", 3), ""][:4]
            begun += text
            if kind == "F":  # P is a part of a line that was too long for one
                lines.append((datetime.datetime.fromisoformat(stamp).timestamp(), begun))
                begun = ""
        return lines

    def _sql(self, id: str, statements: str) -> str:
        """As RDS's own administrator, from inside."""
        return podman.run(
            *("exec", "--interactive", self.cloud.container(self.name(id))),
            # the client would take its locale's, which is none here
            *("mysql", "--defaults-file=/etc/mysql/rds.cnf", "--default-character-set=utf8mb4", "--batch", "--skip-column-names"),
            input=statements,
        )

    def _master(self, id: str, user: str, password: str, database: str) -> None:
        statements = [
            f"CREATE USER IF NOT EXISTS {text(user)}@'%' IDENTIFIED BY {text(password)};",
            f"ALTER USER {text(user)}@'%' IDENTIFIED BY {text(password)};",
            f"GRANT {MASTER_RIGHTS} ON *.* TO {text(user)}@'%' WITH GRANT OPTION;",
        ]
        if database:
            statements.append(f"CREATE DATABASE IF NOT EXISTS {identifier(database)};")
        self._sql(id, "\n".join(statements) + "\n")

    def start(self, id: str) -> None:
        record = self._record(id)
        self._seed(id, record)
        self._wire(id, record)
        if not self.cloud.pid(self.name(id)):
            self.cloud.start_container(self.name(id))
        self._wait(id)
        self.records.update(KIND, id, running=True)

    def stop(self, id: str) -> None:
        self._record(id)
        self.cloud.stop_container(self.name(id), 60)
        self.network.unplug(self.name(id))
        self.records.update(KIND, id, running=False)

    def reboot(self, id: str) -> None:
        self._record(id)
        self.cloud.stop_container(self.name(id), 60)
        self.start(id)

    def delete(self, id: str) -> None:
        self.cloud.remove_container(self.name(id))
        self.network.detach(self.name(id))
        record = self.records.get(KIND, id)
        if record:
            self.network.release(record["private_ip"])
        self.records.delete(KIND, id)

    # -- what can be set -----------------------------------------------------------------------------------------
    def set_password(self, id: str, password: str) -> None:
        record = self._record(id)
        self._sql(id, f"ALTER USER {text(record['master_username'])}@'%' IDENTIFIED BY {text(password)};\n")

    def set_public(self, id: str, ip: str | None) -> None:
        self._record(id)
        record = self.records.update(KIND, id, public_ip=ip)
        if not record["running"]:
            return
        self._filter(id, record)
        self.network.set_addresses(self.name(id), record["private_ip"], [ip] if ip else [])

    def set_parameters(self, id: str, parameters: dict[str, str]) -> None:
        record = self._record(id)
        record = self.records.update(KIND, id, parameters={**record["parameters"], **parameters})
        self._write_parameters(id, record)
        if not self.cloud.pid(self.name(id)):
            return
        for name, value in parameters.items():
            if not name.replace("_", "").isalnum():
                raise DataPlaneError(f"{name} is no name of a MySQL parameter")
            plain = value if value.lstrip("-").isdigit() or value.upper() in ("ON", "OFF", "DEFAULT") else text(value)
            try:
                self._sql(id, f"SET GLOBAL {name} = {plain};\n")
            except DataPlaneError as error:
                # 1238: read only while the server runs; the next start reads it.
                if "1238" not in str(error):
                    raise DataPlaneError(f"the database does not take {name} = {value}: {error}") from None

    # -- snapshots -----------------------------------------------------------------------------------------------
    def snapshot(self, snapshot_id: str, id: str) -> None:
        record = self._record(id)
        self.cloud.commit(self.name(id), "database", snapshot_id)
        self.records.put("database-snapshots", snapshot_id, {"parameters": record["parameters"]})

    def delete_snapshot(self, snapshot_id: str) -> None:
        self.cloud.remove_snapshot("database", snapshot_id)
        self.records.delete("database-snapshots", snapshot_id)

    # -- the cloud comes and goes --------------------------------------------------------------------------------
    def resume(self) -> None:
        for id, record in self.records.all(KIND).items():
            if podman.inspect(self.cloud.container(self.name(id))) is None:
                self.delete(id)
            elif record["running"]:
                self.start(id)

    def suspend(self) -> None:
        for id, record in self.records.all(KIND).items():
            if record["running"]:
                self.cloud.stop_container(self.name(id), 60)
            self.network.detach(self.name(id))

    def parts(self) -> list[dict[str, Any]]:
        return [
            {
                "name": record["endpoint_name"].split(".")[0],
                "kind": "database",
                "address": record["public_ip"] or record["private_ip"],
                "running": bool(self.cloud.pid(self.name(id))),
            }
            for id, record in self.records.all(KIND).items()
        ]
