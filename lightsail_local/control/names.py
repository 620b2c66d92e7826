# SPDX-License-Identifier: GPL-3.0-or-later
"""The complete picture of names, as the data plane gets it after every change: zones, delegations, the cloud's own names."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .registry import Job

if TYPE_CHECKING:
    from .cloud import Cloud
    from .request import Record, Request

KEY = "names"
TTL = 60  # fixed on Lightsail
ATTEMPTS = 5


def changed(cloud: Cloud, request: Request | None = None) -> None:
    """Call with the lock held after anything that has a name changed. With a request, its answer waits until it shows."""
    waiting = [task for task in cloud.engine.tasks if task["key"] == KEY and task["phase"] == "queued"]
    task = waiting[0] if waiting else cloud.engine.submit("names.put", KEY, {}, [], 0.0, 0.0)
    if request is not None:
        request.wait_for.append(task["id"])


def publish(cloud: Cloud) -> None:
    """At once and to the end; for jobs whose resource is ready only when its name leads there. Call without the lock."""
    with cloud.names_lock:  # the picture is taken inside, so that an older one never comes last
        with cloud.lock:
            spec = picture(cloud)
        cloud.data_plane.put_dns(spec)
    cloud.watcher.poke()


class PutNames(Job):
    kind = "names.put"

    def run(self) -> None:
        # The picture is of now, so a later job makes up for one that failed; the last one has to try harder.
        time.sleep(min(5, self.args.get("attempt", 0)))
        publish(self.cloud)

    def failed(self, message: str) -> None:
        attempt = self.args.get("attempt", 0) + 1
        if attempt <= ATTEMPTS and not self.cloud.engine.busy(KEY):
            self.cloud.engine.submit(self.kind, KEY, {"attempt": attempt}, [], 0.0, 0.0)


def plain(name: str) -> str:
    """Lower case, no trailing dot, a real asterisk."""
    return name.rstrip(".").lower().replace("\\052", "*")


def own_names(cloud: Cloud) -> dict[str, str]:
    """Names of the cloud itself and the address that each leads to now. Buckets are a wildcard of the data plane."""
    names: dict[str, str] = {}
    for record in cloud.resources.values():
        if record["type"] == "RelationalDatabase" and (record.get("private_ip") or record.get("address")):
            # RDS resolves a public database's name to its public address from outside. From inside that works as well.
            names[record["endpoint_name"]] = record.get("public_ip") or record.get("private_ip") or record["address"]
        elif record["type"] == "LoadBalancer" and record.get("public_ip"):
            names[record["dns_name"]] = record["public_ip"]
        elif record["type"] == "Distribution" and record.get("public_ip"):
            names[record["domain_name"]] = record["public_ip"]
        elif record["type"] == "Subdomain" and record["attached"] and record["attached"]["id"] in cloud.resources:
            names[f"{record['name']}.amazonlightsail.com"] = cloud.resources[record["attached"]["id"]]["public_ip"]
        elif record["type"] == "Instance" and record.get("public_ip") and record["state"] == "running":
            names[instance_name(record)] = record["public_ip"]
    return names


def instance_name(record: Record) -> str:
    return f"ec2-{record['public_ip'].replace('.', '-')}.{record['region']}.compute.amazonaws.com"


def address_of(name: str, names: dict[str, str]) -> str | None:
    """The address behind an alias target; AWS's may come with a dualstack. prefix."""
    name = plain(name)
    return names.get(name.removeprefix("dualstack."))


def _entries(entries: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    result = []
    for entry in entries:
        if entry["type"] == "SOA":
            continue  # the data plane makes its own
        target = entry["target"]
        alias = bool(entry.get("isAlias"))
        if alias:
            address = address_of(target, names)
            if address is None or entry["type"] != "A":
                continue  # nothing behind it: does not resolve, as on AWS (there is no IPv6 here)
            target = address
        elif entry["type"] in ("CNAME", "NS"):
            target = plain(target)
        result.append(
            {"name": plain(entry["name"]), "type": entry["type"], "target": target, "is_alias": alias, "ttl": TTL}
        )
    return result


def zone_servers(domain: Record) -> list[str]:
    return sorted(
        plain(entry["target"])
        for entry in domain["entries"]
        if entry["type"] == "NS" and plain(entry["name"]) == domain["name"]
    )


def delegated(cloud: Cloud) -> list[str]:
    """Zones whose parent points at their name servers: the registration says so, or an NS record of a parent zone."""
    registrations = cloud.store.data["registrations"]
    result = []
    for domain in cloud.all("Domain"):
        servers = set(domain["name_servers"])
        registration = registrations.get(domain["name"])
        pointed = {plain(server) for server in registration["name_servers"]} if registration else set()
        for parent in (*cloud.all("Domain"), *_external(cloud)):
            if domain["name"].endswith("." + parent["name"]):
                pointed |= {
                    plain(entry["target"])
                    for entry in parent["entries"]
                    if entry["type"] == "NS" and plain(entry["name"]) == domain["name"]
                }
        if pointed & servers:
            result.append(domain["name"])
    return sorted(result)


def _external(cloud: Cloud) -> list[dict[str, Any]]:
    """Zones that an owner runs elsewhere: registered names that do not point at a Lightsail zone."""
    result = []
    for name, registration in cloud.store.data["registrations"].items():
        zone = cloud.find("Domain", "global", name)
        ours = set(zone["name_servers"]) if zone else set()
        if not ours & {plain(server) for server in registration["name_servers"]}:
            result.append({"name": name, "entries": registration.get("records", [])})
    return result


def picture(cloud: Cloud) -> dict[str, Any]:
    names = own_names(cloud)
    return {
        "zones": {domain["name"]: _entries(domain["entries"], names) for domain in cloud.all("Domain")},
        "delegated": delegated(cloud),
        "names": names,
        "external": {zone["name"]: _entries(zone["entries"], names) for zone in _external(cloud)},
    }
