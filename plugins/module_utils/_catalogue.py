# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS's catalogue tells about a wish, for check mode. Private to the collection; may change at any time.

A run lets AWS refuse what is not sold: that is its first call, and its word is the last. Check mode makes no such call, so it looks into
the catalogue and ends as the run would.
"""

from __future__ import annotations

import difflib

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import AwsFailure, Failure


def _listed(resource, operation, key, **request):
    """All items, or None when the identity may not look: what cannot be seen is no reason to refuse."""
    try:
        return resource.call_all(operation, key, **request)
    except AwsFailure as failure:
        if failure.code.startswith("AccessDenied"):
            return None
        raise


def _refuse(option, wanted, what, known):
    near = difflib.get_close_matches(wanted, known, 3, 0.7)
    words = "did you mean %s?" % " or ".join(near) if near else "there are %s." % ", ".join(sorted(known))
    raise Failure("%s is %r, and AWS has no such %s%s; %s" % (option, wanted, what[0], what[1], words))


def check_zone(resource, databases=False):
    """The zone of a new resource, in the region that the module talks to."""
    wanted = resource.params.get("zone")
    if not wanted:
        return
    region = resource.module.client().meta.region_name
    flag = "includeRelationalDatabaseAvailabilityZones" if databases else "includeAvailabilityZones"
    member = "relationalDatabaseAvailabilityZones" if databases else "availabilityZones"
    regions = _listed(resource, "GetRegions", "regions", **{flag: True})
    zones = next(([zone["zoneName"] for zone in item.get(member) or []] for item in regions or [] if item["name"] == region), [])
    if zones and wanted not in zones:
        _refuse("zone", wanted, ("zone", " in %s" % region), zones)


def check_offer(resource, option, what, operation, key, member, **request):
    """The item of the catalogue that an option names, or None when nothing can be said."""
    wanted = resource.params.get(option)
    if not wanted:
        return None
    items = _listed(resource, operation, key, **request)
    found = next((item for item in items or [] if item[member] == wanted), None)
    if items and found is None:
        _refuse(option, wanted, (what, ""), [item[member] for item in items if item.get("isActive", True)])
    return found


def check_instance_offers(resource, new):
    """Zone, blueprint and plan, and whether the plan carries the blueprint."""
    blueprint = None
    if new:
        check_zone(resource)
        blueprint = check_offer(resource, "blueprint_id", "blueprint", "GetBlueprints", "blueprints", "blueprintId", includeInactive=True)
        if blueprint and not blueprint.get("isActive", True):
            # A plan that is not sold any more still makes instances; a blueprint does not (user guide).
            raise Failure("blueprint_id is %r, of which AWS makes no new instance any more." % blueprint["blueprintId"])
    bundle = check_offer(resource, "bundle_id", "plan", "GetBundles", "bundles", "bundleId", includeInactive=True)
    if not (blueprint and bundle):
        return
    platforms = bundle.get("supportedPlatforms") or [blueprint.get("platform")]
    if blueprint.get("platform") not in platforms or (bundle.get("power") or 0) < (blueprint.get("minPower") or 0):
        raise Failure("bundle_id is %r, a plan that cannot carry the blueprint %s." % (bundle["bundleId"], blueprint["blueprintId"]))


def check_database_offers(resource, new):
    if new:
        check_zone(resource, databases=True)
    if not resource.params["from_snapshot"] and not resource.params["from_database"]:
        check_offer(resource, "blueprint_id", "database blueprint", "GetRelationalDatabaseBlueprints", "blueprints", "blueprintId")
    check_offer(resource, "bundle_id", "database plan", "GetRelationalDatabaseBundles", "bundles", "bundleId", includeInactive=True)


def check_bucket_offers(resource, new):
    check_offer(resource, "bundle_id", "bucket plan", "GetBucketBundles", "bundles", "bundleId", includeInactive=True)


def check_distribution_offers(resource, new):
    check_offer(resource, "bundle_id", "distribution plan", "GetDistributionBundles", "bundles", "bundleId")
