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

from ansible_collections.cloudpress.lightsail.plugins.module_utils._certificates import expiring

SITE_TAG = "cloudpress:site"
PHASE_TAG = "cloudpress:phase"
PHASES = ("none", "design", "sealed", "published")
# Prices that no catalogue call of the API returns: load balancer USD 18 a month, snapshots USD 0.05 per GB and month
# (the service's pricing page; the API has bundle prices only).
LOAD_BALANCER_MONTHLY = 18.0
# AWS begins to renew a certificate 60 to 45 days before its end, when it looks for the validation records again.
RENEWAL_DAYS = 45
# WordPress packaged by Lightsail, by its id: what GetBlueprints says of its group is not on record. The image changes under the same id.
PACKAGED_BY_LIGHTSAIL = re.compile(r"^wordpress_ls_(\d+)_(\d+)$")
# A single WordPress packaged by Bitnami, which AWS makes from snapshots only since 2026-11-19.
PACKAGED_BY_BITNAMI = re.compile(r"^wordpress(_\d[\w.]*)?$")
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
    """Return the monthly price of a bundle, sold or not, or None when the catalogue does not know it."""
    for bundle in account[kind]:
        if bundle["bundleId"] == bundle_id:
            return float(bundle["price"])
    return None


def is_wordpress(blueprint_id):
    """Whether a blueprint is a single WordPress that the roles know, by its id."""
    return bool(PACKAGED_BY_LIGHTSAIL.match(blueprint_id) or PACKAGED_BY_BITNAMI.match(blueprint_id))


def sold(account, kind):
    """Return the ids of what the region sells."""
    key = "blueprintId" if "blueprint" in kind else "bundleId"
    return [row[key] for row in account[kind] if row.get("isActive", True)]


def makes_primary(wanted, account):
    """Whether this run creates the primary from a blueprint or from the owner's snapshot."""
    return phase(wanted, account) in ("none", "design") and find(account, "instance", wanted["nodes"][0]) is None


def offered_blueprint(wanted, account):
    """Return the blueprint of a fresh node: the wanted one, or the newest packaged by Lightsail that the region sells, or ""."""
    if wanted["web_blueprint"]:
        return wanted["web_blueprint"]
    offered = [match for match in map(PACKAGED_BY_LIGHTSAIL.match, sold(account, "blueprints")) if match]
    return max(offered, key=lambda match: (int(match[1]), int(match[2])))[0] if offered else ""


def web_blueprint(wanted, account):
    """Return the blueprint that the primary is created from, "" when it is created from the owner's snapshot."""
    return wanted["web_blueprint"] if wanted["from_snapshot"] else offered_blueprint(wanted, account)


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


def to_be_created(wanted, account):
    """Return option, catalogue and id of everything that this run would buy. What stands is never judged by what AWS sells today."""
    rows = []
    if makes_primary(wanted, account):
        rows.append(("site_web_bundle", "bundles", wanted["web_bundle"]))
        if web_blueprint(wanted, account):
            rows.append(("site_web_blueprint", "blueprints", web_blueprint(wanted, account)))
    if find(account, "database", wanted["database"]) is None and phase(wanted, account) in ("none", "design"):
        rows.append(("site_database_bundle", "database_bundles", wanted["database_bundle"]))
        rows.append(("site_database_blueprint", "database_blueprints", wanted["database_blueprint"]))
    if find(account, "bucket", wanted["bucket"]) is None:
        rows.append(("site_bucket_bundle", "bucket_bundles", wanted["bucket_bundle"]))
    if find(account, "distribution", wanted["distribution"]) is None:
        rows.append(("site_cdn_bundle", "distribution_bundles", wanted["distribution_bundle"]))
    return rows


def unoffered(wanted, account):
    """Return a sentence for every bundle, blueprint or zone of what is to be created that the region does not offer."""
    sentences = []
    for option, kind, value in to_be_created(wanted, account):
        offered = sold(account, kind)
        if kind == "blueprints":
            offered = [name for name in offered if is_wordpress(name)]
            if not is_wordpress(value):
                continue  # unsuitable says so
        if value not in offered:
            some = ", ".join(offered[:8])
            cure = f"give one of {some}" if some else "it offers none"
            if kind == "blueprints":
                cure += ", or start from a snapshot of a WordPress instance of yours with site_from_snapshot"
            sentences.append(f"{option} is {value}, which {wanted['region']} does not offer: {cure}.")
    if makes_primary(wanted, account) and not wanted["from_snapshot"] and not web_blueprint(wanted, account):
        known = [name for name in sold(account, "blueprints") if is_wordpress(name)]
        cure = f"give one of {', '.join(known)} in site_web_blueprint, or start" if known else "start"
        sentences.append(
            f"{wanted['region']} offers no WordPress packaged by Lightsail: {cure} from a snapshot of a WordPress instance of yours with site_from_snapshot."
        )
    missing = [name for name in wanted["nodes"] if find(account, "instance", name) is None]
    for zone in wanted["zones"] if missing else []:
        if zone not in account["zones"]:
            sentences.append(f"site_zones names {zone}, which {wanted['region']} does not have: give {', '.join(account['zones'])}.")
    return sentences


def unsuitable(wanted, account):
    """Return a sentence for a blueprint, a snapshot, or an instance of a node's name, that is not a single WordPress."""
    sentences = []
    if makes_primary(wanted, account):
        sentences += _unsuitable_snapshot(wanted, account) if wanted["from_snapshot"] else _unsuitable_blueprint(wanted, account)
    for name in wanted["nodes"]:
        blueprint = (find(account, "instance", name) or {}).get("blueprintId")
        if blueprint and not is_wordpress(blueprint):
            sentences.append(
                f"The instance {name} was made from the blueprint {blueprint}, which is not a single WordPress: "
                "rename or remove it, and one is created from the right blueprint or from the site's snapshot."
            )
    return sentences


def _unsuitable_blueprint(wanted, account):
    value = wanted["web_blueprint"]
    if not value or is_wordpress(value):
        return []
    fitting = ", ".join(name for name in sold(account, "blueprints") if is_wordpress(name))
    cure = f"give {fitting}" if fitting else "name a snapshot of a WordPress instance in site_from_snapshot"
    return [f"site_web_blueprint is {value}, which is not a single WordPress: {cure}, or leave it empty."]


def _unsuitable_snapshot(wanted, account):
    name = wanted["from_snapshot"]
    if wanted["web_blueprint"]:
        return [f"site_from_snapshot is {name} and site_web_blueprint is {wanted['web_blueprint']}: give one of the two."]
    snapshot = find(account, "instance_snapshot", name)
    if snapshot is None:
        return [f"site_from_snapshot is {name}, but {wanted['region']} has no instance snapshot of that name: give the name of one that exists."]
    if snapshot["state"] != "available":
        return [f"The snapshot {name} is {snapshot['state']}: wait until it is available, or give another in site_from_snapshot."]
    blueprint = snapshot.get("fromBlueprintId") or ""
    if blueprint and not is_wordpress(blueprint):
        return [f"The snapshot {name} is of an instance made from {blueprint}, which is not a single WordPress: give another in site_from_snapshot."]
    sizes = {row["bundleId"]: row.get("diskSizeInGb", 0) for row in account["bundles"]}
    size = snapshot.get("sizeInGb") or 0
    if size and 0 < sizes.get(wanted["web_bundle"], 0) < size:
        return [f"The snapshot {name} needs a disk of {size} GB, more than site_web_bundle {wanted['web_bundle']} has: give a larger bundle."]
    return []


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


def other_domain(wanted, account):
    """Return a sentence when the variables would lead visitors or media of a site that stands elsewhere."""
    if phase(wanted, account) not in ("sealed", "published"):
        return []
    names = (find(account, "distribution", wanted["distribution"]) or {}).get("alternativeDomainNames") or []
    if names and not any(name.endswith("." + wanted["domain"]) for name in names):
        return [
            f"site_domain is {wanted['domain']}, but the site serves its media at {', '.join(names)}: set site_domain back. "
            "These playbooks do not move a published site to another domain."
        ]
    buckets = [bucket["name"] for bucket in own(account, "bucket", wanted["name"])]
    if buckets and wanted["bucket"] not in buckets:
        return [
            f"site_bucket_name is {wanted['bucket']}, but the media of the site are in {', '.join(buckets)}: set site_bucket_name to that name."
        ]
    return []


def in_use(wanted, account):
    """Return what to read for the certificates that the site uses: the load balancer, when it is there, and the distribution's certificate."""
    distribution = find(account, "distribution", wanted["distribution"]) or {}
    return find(account, "load_balancer", wanted["load_balancer"]) is not None, distribution.get("certificateName")


def zone_has(account, domain, record):
    """Whether the zone of the domain holds a validation record."""
    entries = (find(account, "zone", domain) or {}).get("domainEntries") or []

    def plain(text):
        return (text or "").lower().rstrip(".")

    return any(
        entry.get("type") == record["type"] and plain(entry.get("name")) == plain(record["name"]) and plain(entry.get("target")) == plain(record["value"])
        for entry in entries
    )


def renewal_problems(certificates, missing):
    """Return a sentence for every certificate in use that ends soon and cannot be renewed; `missing` says whether a record is not in the DNS."""
    sentences = []
    for item in certificates:
        if not item["in_use"] or not expiring(item, RENEWAL_DAYS):
            continue
        records = {(record["name"].rstrip("."), record["type"], record["value"].rstrip(".")) for record in item["validation_records"] if missing(record)}
        for name, kind, value in sorted(records):
            sentences.append(
                f"The certificate {item['name']} of {item['domain_name']} ends at {item['not_after']}, and the record {name} is missing "
                f"in the DNS. AWS cannot renew it. Set {name} {kind} {value}."
            )
    return sentences


def problems(wanted, account):
    """Return what stands in the way of a run, a sentence each."""
    checks = (unsuitable, unoffered, foreign, lost_database, lost_nodes, other_domain)
    return [sentence for check in checks for sentence in check(wanted, account)]
