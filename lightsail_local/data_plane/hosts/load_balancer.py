# SPDX-License-Identifier: GPL-3.0-or-later
"""Load balancers: HAProxy, set up to behave as Lightsail's (an AWS application load balancer).

Only 200 counts in a health check; a cookie named as AWS's binds a visitor to a node; no retry and no other node for a request
that failed, because AWS's has none; 503 when no node is healthy. Its own verdict on the nodes is what the API reports.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

from ..base import DataPlaneError
from . import podman
from .cloud import Cloud
from .records import write

KIND = "load-balancers"
# Two checks in a row, both ways (facts: "unhealthy threshold 2+").
THRESHOLD = 2


class LoadBalancers:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.records, self.network = cloud, cloud.records, cloud.network
        self._lock = threading.Lock()

    def name(self, id: str) -> str:
        return f"lb-{id}"

    # -- life ----------------------------------------------------------------------------------------------------
    def put(self, id: str, spec: dict[str, Any]) -> None:
        with self._lock:
            record = self.records.get(KIND, id)
            if record is None:
                record = {"private_ip": self.network.allocate_private(), "spec": spec}
            before = record["spec"]
            record["spec"] = spec
            self.records.put(KIND, id, record)
            self._apply(id, record, before)

    def _apply(self, id: str, record: dict[str, Any], before: dict[str, Any] | None = None) -> None:
        spec, name = record["spec"], self.name(id)
        folder = self.records.folder(KIND, id)
        (folder / "run").mkdir(exist_ok=True)
        (folder / "etc").mkdir(exist_ok=True)
        states = self._states(id) if self.cloud.pid(name) else {}
        self._write_states(folder, spec, states)
        if spec["certificate"]:
            write(folder / "etc/site.pem", spec["certificate"]["cert_pem"] + spec["certificate"]["key_pem"], 0o600)
        changed = _write_if_changed(folder / "etc/haproxy.cfg", self._configuration(spec))
        changed = changed or before is None or before.get("certificate") != spec["certificate"]
        pid = self.cloud.pid(name)
        self.network.attach(name, record["private_ip"], [spec["public_ip"]] if spec["public_ip"] else [])
        if pid:
            if changed:
                self._reload(id, pid)
            return
        self.cloud.remove_container(name)
        self.cloud.run(
            name,
            self.cloud.image("services"),
            # Master and worker: a reload leaves connections alone.
            ["/usr/sbin/haproxy", "-W", "-db", "-S", "/run/haproxy/master.sock", "-f", "/etc/haproxy/haproxy.cfg"],
            hostname="lb",
            options=[*("--volume", f"{folder / 'etc'}:/etc/haproxy:ro"), *("--volume", f"{folder / 'run'}:/run/haproxy")],
        )
        self._wait(id)

    def _wait(self, id: str, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._command(id, "show version"):
                return
            time.sleep(0.05)
        log = podman.run("logs", "--tail", "3", self.cloud.container(self.name(id)), check=False).strip()
        raise DataPlaneError(f"the load balancer did not come up within {seconds:.0f} s: {log}")

    def _reload(self, id: str, pid: int) -> None:
        """The master starts a worker with the new settings; the old one finishes its requests (that is the draining)."""
        workers = self._command(id, "show info")
        os.kill(pid, signal.SIGUSR2)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            now = self._command(id, "show info")
            if now and _field(now, "Pid") != _field(workers, "Pid"):
                return
            time.sleep(0.05)
        log = podman.run("logs", "--tail", "3", self.cloud.container(self.name(id)), check=False).strip()
        raise DataPlaneError(f"the load balancer did not take its new settings: {log}")

    def delete(self, id: str) -> None:
        self.cloud.remove_container(self.name(id))
        self.network.detach(self.name(id))
        record = self.records.get(KIND, id)
        if record:
            self.network.release(record["private_ip"])
        self.records.delete(KIND, id)

    # -- settings ------------------------------------------------------------------------------------------------
    def _configuration(self, spec: dict[str, Any]) -> str:
        # A target that is draining gets no new request; the worker of before still holds its old ones.
        targets = [target for target in spec["targets"] if not target["draining"]]
        interval = max(0.1, float(spec["health_interval_s"]))
        text = """\
global
    maxconn 400
    nbthread 1
    stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners
    server-state-file /etc/haproxy/states
    hard-stop-after 300s
    ssl-default-bind-options ssl-min-ver TLSv1.2
    ssl-default-bind-ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    # AWS waits 5 s, whatever the interval: a busy machine must not make nodes look dead when time runs fast.
    timeout check 5s
    timeout http-keep-alive 60s
    timeout queue 5s
    # AWS's balancer hands a failure to the visitor: no second try, no other node.
    retries 0
    no option redispatch
    option http-keep-alive
    option dontlognull
frontend visitors
    bind :80
"""
        certificate = spec["certificate"]
        if certificate:
            text += "    bind :443 ssl crt /etc/haproxy/site.pem alpn h2,http/1.1\n"
        text += """\
    http-request set-var(txn.before) req.fhdr(X-Forwarded-For)
    http-request set-header X-Forwarded-For "%[var(txn.before)], %[src]" if { var(txn.before) -m found }
    http-request set-header X-Forwarded-For %[src] unless { var(txn.before) -m found }
    http-request set-header X-Forwarded-Proto https if { ssl_fc }
    http-request set-header X-Forwarded-Proto http unless { ssl_fc }
    http-request set-header X-Forwarded-Port %[dst_port]
    http-request set-header X-Amzn-Trace-Id Root=1-%[date,hex,sub(8)]-%[uuid,regsub(-,,g),bytes(0,24)] unless { req.hdr(X-Amzn-Trace-Id) -m found }
"""
        text = text.replace("%[date,hex,sub(8)]", "%[date,bytes(0,8)]")
        if spec["redirect_https"] and certificate:
            # AWS names the port.
            text += "    http-request redirect location https://%[req.hdr(host),field(1,:)]:443%[capture.req.uri] code 301 unless { ssl_fc }\n"
        text += "    default_backend nodes\nbackend nodes\n    balance roundrobin\n    load-server-state-from-file global\n"
        text += f"    option httpchk\n    http-check send meth GET uri {_path(spec['health_path'])} ver HTTP/1.1 hdr Host health-check"
        text += " hdr User-Agent ELB-HealthChecker/2.0 hdr Connection close\n"
        text += "    http-check expect status 200\n"
        if spec["sticky"]:
            seconds = int(spec["cookie_seconds"] or 86400)
            text += f'    cookie AWSALB insert maxlife {seconds}s attr "Max-Age={seconds}" attr "Path=/"\n'.replace(' attr "Path=/"', "")
        text += f"    default-server check inter {int(interval * 1000)}ms fastinter {int(interval * 1000)}ms downinter {int(interval * 1000)}ms"
        text += f" rise {THRESHOLD} fall {THRESHOLD} on-marked-down shutdown-sessions\n".replace(" on-marked-down shutdown-sessions", "")
        for target in targets:
            cookie = " cookie " + hashlib.sha256(target["id"].encode()).hexdigest()[:40] if spec["sticky"] else ""
            text += f"    server {target['id']} {target['private_ip']}:{int(spec['instance_port'])}{cookie}\n"
        return text

    # -- health --------------------------------------------------------------------------------------------------
    def _write_states(self, folder: Path, spec: dict[str, Any], states: dict[str, dict[str, str]]) -> None:
        """HAProxy takes a new server for healthy until told otherwise; AWS does not. So new ones begin as down, and those that
        were there keep their state over the reload."""
        fields = (
            "be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change"
            " srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id"
            " srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port"
        ).split()
        lines = ["1", "# " + " ".join(fields)]
        for number, target in enumerate((target for target in spec["targets"] if not target["draining"]), 1):
            values = states.get(target["id"]) or {
                "srv_op_state": "0",
                "srv_admin_state": "0",
                "srv_uweight": "1",
                "srv_iweight": "1",
                "srv_time_since_last_change": "0",
                "srv_check_status": "6",
                "srv_check_result": "2",
                "srv_check_health": "0",
                "srv_check_state": "6",
            }
            values = {
                **{name: "0" for name in fields},
                "srv_check_addr": "-",
                "srv_agent_addr": "-",
                "srv_fqdn": "-",
                "srvrecord": "-",
                **values,
                "be_id": "3",
                "be_name": "nodes",
                "srv_id": str(number),
                "srv_name": target["id"],
                "srv_addr": target["private_ip"],
                "srv_port": str(spec["instance_port"]),
            }
            lines.append(" ".join(values[name] for name in fields))
        write(folder / "etc/states", "\n".join(lines) + "\n")

    def _states(self, id: str) -> dict[str, dict[str, str]]:
        lines = self._command(id, "show servers state nodes").splitlines()
        names = lines[1].lstrip("# ").split() if len(lines) > 1 else []
        found = {}
        for line in lines[2:]:
            values = dict(zip(names, line.split()))
            if "srv_name" in values:
                found[values["srv_name"]] = values
        return found

    def health(self, id: str) -> dict[str, dict[str, str | None]]:
        record = self.records.get(KIND, id)
        if record is None:
            raise self.cloud.missing("load balancer", id)
        text = self._command(id, "show stat")
        rows = {row["svname"]: row for row in csv.DictReader(io.StringIO(text.lstrip("# "))) if row["# pxname" if "# pxname" in row else "pxname"] == "nodes"}
        answer: dict[str, dict[str, str | None]] = {}
        for target in record["spec"]["targets"]:
            if target["draining"]:
                answer[target["id"]] = {"state": "draining", "reason": "Instance.DeregistrationInProgress"}
            elif target["id"] not in rows:
                answer[target["id"]] = {"state": "initial", "reason": "Lb.RegistrationInProgress"}
            else:
                answer[target["id"]] = _verdict(rows[target["id"]])
        return answer

    def _command(self, id: str, command: str) -> str:
        """Ask HAProxy over its own socket; "" when it does not answer."""
        folder = self.records.folder(KIND, id) / "run"
        try:
            # Through a descriptor: the path of a socket may have 108 characters only, and a state directory's may be longer.
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            return ""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(3)
                client.connect(f"/proc/self/fd/{descriptor}/admin.sock")
                client.sendall(command.encode() + b"\n")
                with client.makefile("r", encoding="utf-8") as stream:
                    return stream.read()
        except OSError:
            return ""
        finally:
            os.close(descriptor)

    # -- the cloud comes and goes --------------------------------------------------------------------------------
    def resume(self) -> None:
        for id, record in self.records.all(KIND).items():
            self._apply(id, record)

    def suspend(self) -> None:
        for id in self.records.all(KIND):
            self.cloud.remove_container(self.name(id))
            self.network.detach(self.name(id))

    def parts(self) -> list[dict[str, Any]]:
        return [
            {
                "name": record["spec"]["dns_name"].split(".")[0],
                "kind": "load balancer",
                "address": record["spec"]["public_ip"],
                "running": bool(self.cloud.pid(self.name(id))),
            }
            for id, record in self.records.all(KIND).items()
        ]


def _verdict(row: dict[str, str]) -> dict[str, str | None]:
    if row["status"].startswith("UP"):
        return {"state": "healthy", "reason": None}
    # chkfail counts this worker's failed checks; none yet and not up: the first ones are still to come.
    status = row["check_status"].lstrip("* ")
    if status in ("", "INI", "UNK") or row["status"].startswith("DOWN ") or status.endswith("OK") or status == "L7OKC":
        return {"state": "initial", "reason": "Lb.InitialHealthChecking"}
    if status == "L7STS":
        return {"state": "unhealthy", "reason": "Instance.ResponseCodeMismatch"}
    if status in ("L4TOUT", "L6TOUT", "L7TOUT"):
        return {"state": "unhealthy", "reason": "Instance.Timeout"}
    return {"state": "unhealthy", "reason": "Instance.FailedHealthChecks"}


def _path(path: str) -> str:
    path = path if path.startswith("/") else "/" + path
    if any(character.isspace() or ord(character) < 32 or character in "\"'\\#" for character in path):
        raise DataPlaneError(f"{path!r} is no path that a health check can ask for")
    return path


def _field(text: str, name: str) -> str:
    for line in text.splitlines():
        if line.startswith(name + ":"):
            return line.split(":", 1)[1].strip()
    return ""


def _write_if_changed(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    write(path, text)
    return True
