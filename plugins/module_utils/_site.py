# Copyright (c) 2026 CloudPress contributors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""What a site is made of, what of it exists, what it costs, and what stands in its way.

Pure functions over plain data: `account` is what the API listed, `wanted` is what the playbook wants. They decide
nothing about how a resource is made.
"""

from __future__ import annotations

import re

SITE_TAG = "cloudpress:site"
PHASE_TAG = "cloudpress:phase"
PHASES = ("none", "design", "sealed", "published")
# Prices that no catalogue call of the API returns: load balancer USD 18 a month, snapshots USD 0.05 per GB and month
# (the service's pricing page; the API has bundle prices only).
LOAD_BALANCER_MONTHLY = 18.0
# Group of the blueprints that are a single Bitnami WordPress (GetBlueprints); their ids come and go.
WORDPRESS = "wordpress"
# A resource name: 2 to 255 characters, letters, digits, ".", "-", "_", alphanumeric at both ends (user guide).
RESOURCE_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,253}[A-Za-z0-9]$")


def tag_value(resource, key=SITE_TAG):
    """Return the value of a tag, or None; a key-only tag has the value ''."""
    for tag in resource.get("tags") or []:
        if tag["key"] == key:
            return tag.get("value", "")
    return None


def find(account, kind, name):
    """Return the resource of that kind and name, or None."""
    return next((resource for resource in account[kind] if resource["name"] == name), None)


def bundle_price(account, kind, bundle_id):
    """Return the monthly price of an active bundle, or None when the region has no such bundle."""
    for bundle in account[kind]:
        if bundle["bundleId"] == bundle_id and bundle.get("isActive", True):
            return float(bundle["price"])
    return None


def parts(wanted, account):
    """Return every resource of the site in the order in which it is made: kind, name, monthly price."""
    web = bundle_price(account, "bundles", wanted["web_bundle"])
    rows = [("key_pair", wanted["key_pair"], 0.0)]
    for name in wanted["nodes"]:
        rows.append(("instance", name, web))
    for name in wanted["static_ip_nodes"]:
        rows.append(("static_ip", f"{name}-ip", 0.0))
    rows.append(("bucket", wanted["bucket"], bundle_price(account, "bucket_bundles", wanted["bucket_bundle"])))
    rows.append(("database", wanted["database"], bundle_price(account, "database_bundles", wanted["database_bundle"])))
    if wanted["dns"] == "lightsail":
        rows.append(("zone", wanted["domain"], 0.0))
    rows.append(("load_balancer", wanted["load_balancer"], LOAD_BALANCER_MONTHLY))
    rows.append(
        ("distribution", wanted["distribution"], bundle_price(account, "distribution_bundles", wanted["distribution_bundle"]))
    )
    return rows


def plan(wanted, account):
    """Return the parts with whether each exists; prices in USD a month."""
    return [
        {"kind": kind, "name": name, "monthly": price, "exists": find(account, kind, name) is not None}
        for kind, name, price in parts(wanted, account)
    ]


def own(account, kind, site):
    """Return the resources of a kind that bear the site's tag."""
    return [resource for resource in account[kind] if tag_value(resource) == site]


def phase(wanted, account):
    """Return the furthest phase that any resource of the site bears evidence of."""
    reached = 0
    for kind in ("instance", "database", "load_balancer", "instance_snapshot"):
        for resource in own(account, kind, wanted["name"]):
            evidence = tag_value(resource, PHASE_TAG)
            reached = max(reached, PHASES.index(evidence) if evidence in PHASES else 0)
            if kind == "instance":
                reached = max(reached, 1)
    return PHASES[reached]


def golden(wanted, account):
    """Return the newest available golden snapshot of the site, or None."""
    snapshots = [
        snapshot
        for snapshot in own(account, "instance_snapshot", wanted["name"])
        if snapshot["name"].startswith(wanted["golden_prefix"]) and snapshot["state"] == "available"
    ]
    if not snapshots:
        return None
    newest = max(snapshots, key=lambda snapshot: snapshot["createdAt"])
    return {"name": newest["name"], "fingerprint": tag_value(newest, "cloudpress:fingerprint") or ""}


def foreign(wanted, account):
    """Return a sentence for every resource that has a name of ours and is not ours."""
    # A static IP has no tags in the API; the evidence is written on what is made before it.
    ours = any(tag_value(resource) == wanted["name"] for kind in ("key_pair", "instance") for resource in account[kind])
    sentences = []
    for kind, name, _price in parts(wanted, account):
        resource = find(account, kind, name)
        if resource is None or name in wanted["adopt"]:
            continue
        if (ours if kind == "static_ip" else tag_value(resource) == wanted["name"]):
            continue
        sentences.append(
            f"The {kind.replace('_', ' ')} {name} exists and does not bear the tag {SITE_TAG}={wanted['name']}: "
            "rename or remove it, or list it in site_adopt to take it over."
        )
    return sentences


def unoffered(wanted, account):
    """Return a sentence for every bundle, blueprint or zone that the region does not offer."""
    sentences = []
    for option, kind, value in (
        ("site_web_bundle", "bundles", wanted["web_bundle"]),
        ("site_database_bundle", "database_bundles", wanted["database_bundle"]),
        ("site_bucket_bundle", "bucket_bundles", wanted["bucket_bundle"]),
        ("site_cdn_bundle", "distribution_bundles", wanted["distribution_bundle"]),
        ("site_web_blueprint", "blueprints", wanted["web_blueprint"]),
        ("site_database_blueprint", "database_blueprints", wanted["database_blueprint"]),
    ):
        key = "blueprintId" if "blueprint" in kind else "bundleId"
        offered = [row[key] for row in account[kind] if row.get("isActive", True)]
        if value not in offered:
            some = ", ".join(offered[:8])
            sentences.append(f"{option} is {value}, which {wanted['region']} does not offer: give one of {some}.")
    for zone in wanted["zones"]:
        if zone not in account["zones"]:
            sentences.append(
                f"site_zones names {zone}, which {wanted['region']} does not have: give {', '.join(account['zones'])}."
            )
    return sentences


def unsuitable(wanted, account):
    """Return a sentence for a blueprint, or an instance of a node's name, that is not a single Bitnami WordPress."""
    group_of = {row["blueprintId"]: row["group"] for row in account["blueprints"]}
    fitting = ", ".join(sorted(name for name, group in group_of.items() if group == WORDPRESS)) or WORDPRESS
    sentences = []
    # What is no longer offered says nothing of itself; the roles look at the host.
    if group_of.get(wanted["web_blueprint"], WORDPRESS) != WORDPRESS:
        sentences.append(f"site_web_blueprint is {wanted['web_blueprint']}, which is not a single Bitnami WordPress: give {fitting}.")
    for name in wanted["nodes"]:
        blueprint = (find(account, "instance", name) or {}).get("blueprintId")
        if group_of.get(blueprint, WORDPRESS) != WORDPRESS:
            sentences.append(
                f"The instance {name} was made from the blueprint {blueprint} and is not a single Bitnami WordPress: "
                "rename or remove it, and one is made from the right blueprint or from the site's snapshot."
            )
    return sentences


def lost_database(wanted, account):
    """Return a sentence when the site's database is gone although its content was moved into it."""
    if phase(wanted, account) in ("sealed", "published") and find(account, "database", wanted["database"]) is None:
        snapshots = sorted(
            (row for row in account["database_snapshot"] if row.get("fromRelationalDatabaseName") == wanted["database"]),
            key=lambda row: row["createdAt"],
        )
        way = (
            f"restore it from the snapshot {snapshots[-1]['name']} (cloudpress.lightsail.lightsail_database with "
            f"from_snapshot: {snapshots[-1]['name']} and tags {SITE_TAG}: {wanted['name']}), then repeat this command"
            if snapshots
            else "restore it under that name from a backup; its nodes still hold the content of before the move"
        )
        return [f"The database {wanted['database']} is gone although the content of the site was moved into it: {way}."]
    return []


def lost_nodes(wanted, account):
    """Return a sentence when a node is missing and there is no golden snapshot to make it from."""
    if phase(wanted, account) in ("sealed", "published") and golden(wanted, account) is None:
        if find(account, "instance", wanted["nodes"][0]) is None:
            return [
                f"The primary {wanted['nodes'][0]} is gone and no snapshot {wanted['golden_prefix']}* of this site exists: "
                "make an instance of that name from a snapshot of any of its nodes, tag it, and repeat this command."
            ]
    return []


def problems(wanted, account):
    """Return what stands in the way of a run, a sentence each."""
    checks = (unoffered, unsuitable, foreign, lost_database, lost_nodes)
    return [sentence for check in checks for sentence in check(wanted, account)]
