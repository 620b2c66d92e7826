#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_site_info
short_description: Read how far a WordPress site on Lightsail is, what it costs and what stands in its way
version_added: 0.1.0
description:
  - Lists the resources that the site playbook makes, says which exist, and adds up their monthly prices from the catalogues of the API.
  - Fails when a resource has a name of the site and does not bear its tag, when a bundle, blueprint or zone of what is still to be
    created is not offered, or when the database of a site is gone. What stands is not judged by what AWS sells today.
  - Warns of a certificate in use that ends within 45 days while one of its validation records is missing. AWS needs them to renew it.
author: The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  name:
    description: Name of the site, the value of the tag C(cloudpress:site).
    type: str
    required: true
  domain:
    description: Domain of the site.
    type: str
    required: true
  dns:
    description: Who serves the domain's DNS.
    type: str
    choices: [lightsail, external]
    default: lightsail
  nodes:
    description: Names of the web nodes, the primary first.
    type: list
    elements: str
    required: true
  static_ip_nodes:
    description: Names of the web nodes that have a static IP.
    type: list
    elements: str
    default: []
  zones:
    description: Availability zones in use.
    type: list
    elements: str
    required: true
  web_bundle:
    description: Bundle of the web nodes.
    type: str
    required: true
  web_blueprint:
    description: Blueprint of the primary; empty for the newest WordPress packaged by Lightsail that the region offers.
    type: str
    default: ""
  from_snapshot:
    description: Instance snapshot that the primary is created from, instead of a blueprint.
    type: str
    default: ""
  resolver:
    description:
      - DNS server that is asked for validation records when O(dns) is V(external); empty for the machine's own.
      - Of a zone in Lightsail the records are read from the API.
    type: str
    default: ""
  judge:
    description: Whether what stands in the way of a run is an error. Without it the module only looks.
    type: bool
    default: true
  database:
    description: Name of the database.
    type: str
    required: true
  database_bundle:
    description: Bundle of the database.
    type: str
    required: true
  database_blueprint:
    description: Blueprint of the database.
    type: str
    required: true
  bucket:
    description: Name of the bucket.
    type: str
    required: true
  bucket_bundle:
    description: Bundle of the bucket.
    type: str
    required: true
  load_balancer:
    description: Name of the load balancer.
    type: str
    required: true
  distribution:
    description: Name of the distribution.
    type: str
    required: true
  distribution_bundle:
    description: Bundle of the distribution.
    type: str
    required: true
  key_pair:
    description: Name of the key pair.
    type: str
    required: true
  golden_prefix:
    description: How the names of golden snapshots start.
    type: str
    required: true
  adopt:
    description: Names of resources without the site's tag that are accepted.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: See how far the site is
  cloudpress.lightsail.lightsail_site_info:
    name: shop
    domain: shop.example
    nodes: [shop-web-1, shop-web-2]
    zones: [eu-central-1a]
    web_bundle: small_3_0
    database: shop-db
    database_bundle: micro_2_0
    database_blueprint: mysql_8_0
    bucket: shop-media
    bucket_bundle: small_1_0
    load_balancer: shop-lb
    distribution: shop-cdn
    distribution_bundle: small_1_0
    key_pair: shop-key
    golden_prefix: shop-golden-
  register: site
"""

RETURN = r"""
phase:
  description: How far the site is, by the tags of its resources; one of none, design, sealed, published.
  returned: success
  type: str
  sample: published
design_done:
  description: Whether the owner has declared the design done.
  returned: success
  type: bool
  sample: true
nodes:
  description: Names of the web nodes that exist.
  returned: success
  type: list
  elements: str
  sample: [shop-web-1, shop-web-2]
golden:
  description: The newest golden snapshot; null when there is none.
  returned: success
  type: dict
  sample: {name: shop-golden-20260101120000, fingerprint: 1f3870be274f6c49}
web_blueprint:
  description: The blueprint that the primary is created from, when it does not exist yet; empty when it is created from a snapshot.
  returned: success
  type: str
  sample: wordpress_ls_1_0
offered_blueprint:
  description: The blueprint of a fresh node. The wanted one, or the newest WordPress packaged by Lightsail that the region sells.
  returned: success
  type: str
  sample: wordpress_ls_1_0
renewal_problems:
  description: Certificates in use that end within 45 days and that AWS cannot renew, a sentence for each record that is missing.
  returned: success
  type: list
  elements: str
  sample: []
plan:
  description: The resources of the site in the order in which they are made.
  returned: success
  type: list
  elements: dict
  contains:
    kind: {description: Kind of the resource., type: str, returned: always}
    name: {description: Name of the resource., type: str, returned: always}
    monthly: {description: Price in USD a month; null when the catalogue does not know it., type: float, returned: always}
    exists: {description: Whether it exists., type: bool, returned: always}
  sample: [{kind: bucket, name: shop-media, monthly: 1.0, exists: true}]
monthly_cost:
  description: Price of all resources together in USD a month, without traffic and snapshots.
  returned: success
  type: float
  sample: 60.5
"""

from concurrent.futures import ThreadPoolExecutor

try:
    import boto3
except ImportError:
    pass  # LightsailModule says so

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _site
from ansible_collections.cloudpress.lightsail.plugins.module_utils._certificates import plain
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, AwsFailure, Failure, LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._dns import DnsError, lookup

# kind: (operation, key of the answer, region or None for the site's, arguments)
LISTS = {
    "instance": ("GetInstances", "instances", None, {}),
    "instance_snapshot": ("GetInstanceSnapshots", "instanceSnapshots", None, {}),
    "static_ip": ("GetStaticIps", "staticIps", None, {}),
    "key_pair": ("GetKeyPairs", "keyPairs", None, {}),
    "bucket": ("GetBuckets", "buckets", None, {}),
    "database": ("GetRelationalDatabases", "relationalDatabases", None, {}),
    "database_snapshot": ("GetRelationalDatabaseSnapshots", "relationalDatabaseSnapshots", None, {}),
    "load_balancer": ("GetLoadBalancers", "loadBalancers", None, {}),
    "zone": ("GetDomains", "domains", GLOBAL_REGION, {}),
    "distribution": ("GetDistributions", "distributions", GLOBAL_REGION, {}),
    "bundles": ("GetBundles", "bundles", None, {"includeInactive": True}),
    "blueprints": ("GetBlueprints", "blueprints", None, {"includeInactive": True}),
    "database_bundles": ("GetRelationalDatabaseBundles", "bundles", None, {"includeInactive": True}),
    "database_blueprints": ("GetRelationalDatabaseBlueprints", "blueprints", None, {}),
    "bucket_bundles": ("GetBucketBundles", "bundles", None, {"includeInactive": True}),
    "distribution_bundles": ("GetDistributionBundles", "bundles", GLOBAL_REGION, {}),
    "regions": ("GetRegions", "regions", None, {"includeAvailabilityZones": True}),
}

# An instance that is being deleted is still listed for a while.
GONE = ("shutting-down", "terminated")

SITE_OPTIONS = {
    "name": {"type": "str", "required": True},
    "domain": {"type": "str", "required": True},
    "dns": {"type": "str", "choices": ["lightsail", "external"], "default": "lightsail"},
    "nodes": {"type": "list", "elements": "str", "required": True},
    "static_ip_nodes": {"type": "list", "elements": "str", "default": []},
    "zones": {"type": "list", "elements": "str", "required": True},
    "web_bundle": {"type": "str", "required": True},
    "web_blueprint": {"type": "str", "default": ""},
    "from_snapshot": {"type": "str", "default": ""},
    "resolver": {"type": "str", "default": ""},
    "judge": {"type": "bool", "default": True},
    "database": {"type": "str", "required": True},
    "database_bundle": {"type": "str", "required": True},
    "database_blueprint": {"type": "str", "required": True},
    "bucket": {"type": "str", "required": True},
    "bucket_bundle": {"type": "str", "required": True},
    "load_balancer": {"type": "str", "required": True},
    "distribution": {"type": "str", "required": True},
    "distribution_bundle": {"type": "str", "required": True},
    "key_pair": {"type": "str", "required": True, "no_log": False},
    "golden_prefix": {"type": "str", "required": True},
    "adopt": {"type": "list", "elements": "str", "default": []},
}


def read_account(module):
    """List everything a site consists of, several calls at a time: they do not depend on each other."""
    for region in (None, GLOBAL_REGION):
        module.client(region=region)  # made here, since making botocore clients is not safe in threads

    def read(kind):
        operation, key, region, arguments = LISTS[kind]
        return module.call_all(operation, key, region=region, **arguments)

    with ThreadPoolExecutor(8) as pool:
        account = dict(zip(LISTS, pool.map(read, LISTS)))
    # A zone bears the domain as its name; static IPs of the site are known through the key pair.
    account["zones"] = [
        zone["zoneName"]
        for region in account["regions"]
        if region["name"] == module.params["region"]
        for zone in region["availabilityZones"]
    ]
    return account


def read_region(module):
    """Read the account, or say that the region does not exist: AWS itself has no name for a region it does not have."""
    try:
        return read_account(module)
    except AwsFailure as failure:
        region = module.params["region"]
        known = sorted(boto3.session.Session().get_available_regions("lightsail"))
        if region in known:
            raise
        raise Failure(f"region is {region}, which is no region of Lightsail that botocore knows: give one of {', '.join(known)}. {failure.msg}") from failure


def used_certificates(module, account):
    """Read the certificates of the load balancer and of the distribution, in one form."""
    balancer, name = _site.in_use(module.params, account)
    found = []
    if balancer:
        wanted = module.params["load_balancer"]
        answer = module.call("GetLoadBalancerTlsCertificates", loadBalancerName=wanted, missing_ok=True, subject=wanted)
        found += (answer or {}).get("tlsCertificates") or []
    if name:
        found += module.call_all("GetCertificates", "certificates", region=GLOBAL_REGION, certificateName=name, includeCertificateDetails=True)
    return [plain(item) for item in found]


def renewal_problems(module, account):
    """Tell of certificates that AWS will not be able to renew."""
    wanted = module.params

    def missing(record):
        if wanted["dns"] == "lightsail":
            return not _site.zone_has(account, wanted["domain"], record)
        try:
            values = lookup(record["name"].rstrip("."), record["type"], server=wanted["resolver"] or None)
        except DnsError:
            return False  # nobody knows; that the site answers is judged elsewhere
        return record["value"].lower().rstrip(".") not in values

    return _site.renewal_problems(used_certificates(module, account), missing)


def main():
    module = LightsailModule(argument_spec=SITE_OPTIONS, supports_check_mode=True)

    def work():
        wanted = module.params
        # The site keeps its bucket private to the distribution; better said now than after everything else is made.
        module.require("CreateDistribution", "enablePrivateOriginAccess", region=GLOBAL_REGION)
        account = read_region(module)
        if not account["zones"]:
            regions = ", ".join(sorted(region["name"] for region in account["regions"]))
            raise Failure(f"region is {wanted['region']}, which Lightsail does not have: give one of {regions}.")
        found = _site.problems(wanted, account) if wanted["judge"] else []
        if found:
            raise Failure(" ".join(found) + " Nothing was changed.", problems=found)
        warnings = renewal_problems(module, account)
        for sentence in warnings:
            module.warn(sentence)
        plan = _site.plan(wanted, account)
        own = _site.own(account, "instance", wanted["name"])
        return {
            "phase": _site.phase(wanted, account),
            "design_done": any(_site.tag_value(row, "cloudpress:design") == "done" for row in own),
            "nodes": sorted(row["name"] for row in own if row["name"] in wanted["nodes"] and row["state"]["name"] not in GONE),
            "golden": _site.golden(wanted, account),
            "offered_blueprint": _site.offered_blueprint(wanted, account),
            "web_blueprint": _site.web_blueprint(wanted, account),
            "renewal_problems": warnings,
            "plan": plan,
            "monthly_cost": round(sum(row["monthly"] or 0 for row in plan), 2),
        }

    module.run(work)


if __name__ == "__main__":
    main()
