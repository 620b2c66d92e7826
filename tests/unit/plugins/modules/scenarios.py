# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules are asked to do, as a table: for tests that hold for all of them.

A scenario is what is there before, and the run that the test is about. A step of either is (module, options), or a function of the lab.
"""

from __future__ import annotations

import tempfile

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt me@example.com"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID/EzP50WHDiwNmfcfMP8GVsje3UHMHX09N2sNvmheLz me@example.com"
SERVERS = ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net"]
OWNER = dict(
    first_name="Ada",
    last_name="Example",
    address_line1="Example Street 1",
    city="Berlin",
    country_code="DE",
    zip_code="10115",
    phone_number="+49.301234567",
    email="ada@example.com",
)
BUCKET_NAME = "example-media-7f3a"

INSTANCE = ("lightsail_instance", dict(name="web-1", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="small_3_0"))
INSTANCE_2 = ("lightsail_instance", dict(INSTANCE[1], name="web-2"))
DISK = ("lightsail_disk", dict(name="disk-1", zone="eu-central-1a", size_gb=8))
ADDRESS = ("lightsail_static_ip", dict(name="ip-1"))
KEY_PAIR = ("lightsail_key_pair", dict(name="key-1", public_key=KEY))
DATABASE = (
    "lightsail_database",
    dict(name="db-1", blueprint_id="mysql_8_0", bundle_id="micro_2_0", database_name="wordpress", master_username="dbmasteruser"),
)
SNAPSHOT = ("lightsail_snapshot", dict(name="snap-1", source="web-1"))
DATABASE_SNAPSHOT = ("lightsail_snapshot", dict(name="dump-1", type="database", source="db-1"))
DISK_SNAPSHOT = ("lightsail_snapshot", dict(name="copy-1", type="disk", source="disk-1"))
ALARM = (
    "lightsail_alarm",
    dict(
        name="alarm-1",
        resource_name="web-1",
        metric_name="StatusCheckFailed",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        evaluation_periods=2,
    ),
)
CONTACT = ("lightsail_contact_method", dict(protocol="Email", endpoint="ada@example.com"))
BUCKET = ("lightsail_bucket", dict(name=BUCKET_NAME))
ZONE = ("lightsail_dns_zone", dict(name="example.com"))
BALANCER = ("lightsail_lb", dict(name="lb-1"))
WITH_TLS = ("lightsail_lb", dict(name="lb-1", certificate={"domain": "example.com", "alternative_names": ["www.example.com"]}))
ISSUED = ("lightsail_lb", dict(WITH_TLS[1], wait_for_certificate=True))
CDN = ("lightsail_cdn", dict(name="cdn-1", origin={"name": BUCKET_NAME, "region": "eu-central-1"}))
TLS = ("lightsail_certificate", dict(name="tls-1", domain="media.example.com"))
TLS_ISSUED = ("lightsail_certificate", dict(TLS[1], wait_for="issued"))
SECURED = ("lightsail_cdn", dict(name="cdn-1", certificate_name="tls-1"))


def but(run, **options):
    """The run with other options."""
    return (run[0], dict(run[1], **options))


def only(run, **options):
    """A run of the same resource that says nothing but this."""
    return (run[0], dict(name=run[1]["name"], **options))


def gone(run, **options):
    return only(run, state="absent", **options)


def tagged(run, *before):
    """Scenarios of its tags."""
    return [([*before, run], only(run, tags={"a": "b"})), ([*before, run, only(run, tags={"a": "b"})], only(run, tags={}))]


def record(value, **more):
    return ("lightsail_dns_record", dict(zone="example.com", name="www.example.com", type="A", value=value, **more))


def access(**options):
    return ("lightsail_bucket_access", dict(bucket=BUCKET_NAME, **options))


def domain(**options):
    return ("route53_domain", dict(name="example.com", state="registered", resolver="127.0.0.1:9", **options))


def made_key_pair(lab):
    return ("lightsail_key_pair", dict(name="key-1", private_key_file=lab.folder.name + "/key"))


made_key_pair.module = "lightsail_key_pair"


def delegate(lab):
    lab.delegated_zone("example.com")


def prove(lab):
    """Set the validation records of what was made last."""
    lab.prove(lab.shown)


def undelegate(lab):
    """So that no other certificate is issued."""
    lab.cloud.admin("delegate", name="example.com", undelegate=True)


def ends_soon(name):
    def end(lab):
        lab.ends_in(name, 10)

    return end


def older(lab):
    """Let the instance be of a plan that is no longer sold."""
    with lab.cloud.daemon.cloud.lock:
        lab.cloud.daemon.cloud.find("Instance", lab.cloud.region, "web-1")["bundle_id"] = "small_2_0"


def own_domain(lab):
    lab.cloud.admin("domain", name="example.com", registrant="owner")


def nightly(lab):
    """Let there be an automatic snapshot of the instance, and no more to come."""
    client = lab.cloud.client()
    lab.cloud.time_scale(1e-6)  # a day of a second
    client.enable_add_on(resourceName="web-1", addOnRequest={"addOnType": "AutoSnapshot"})
    seen = lambda: client.get_auto_snapshots(resourceName="web-1")["autoSnapshots"]  # noqa: E731
    lab.cloud.wait_until(lambda: any(item["status"] == "Success" for item in seen()))
    client.disable_add_on(resourceName="web-1", addOnType="AutoSnapshot")
    lab.cloud.wait_until(lambda: all(item["status"] == "Success" for item in seen()))
    lab.night = seen()[0]["date"]
    lab.cloud.time_scale(0.001)


def of_the_night(lab):
    return ("lightsail_snapshot", dict(source="web-1", auto_snapshot=lab.night, state="absent"))


of_the_night.module = "lightsail_snapshot"


# What is there before, and the run that is hit.
SCENARIOS = [
    ([], but(INSTANCE, tags={"a": "b"})),
    ([], but(INSTANCE, public_ports=[{"from_port": 22}], auto_snapshot_time="03:00", state="stopped")),
    (
        [INSTANCE, SNAPSHOT],
        ("lightsail_instance", dict(name="web-2", zone="eu-central-1b", bundle_id="small_3_0", from_snapshot="snap-1", tags={"a": "b"})),
    ),
    (
        [INSTANCE, nightly],
        (
            "lightsail_instance",
            dict(name="web-2", zone="eu-central-1b", bundle_id="small_3_0", from_instance="web-1", auto_snapshot="latest", tags={"a": "b"}),
        ),
    ),
    ([INSTANCE], only(INSTANCE, ip_address_type="ipv4")),
    ([INSTANCE], only(INSTANCE, ip_address_type="ipv6", accept_bundle_update=True)),
    ([INSTANCE, older], only(INSTANCE, bundle_id="small_3_0", accept_bundle_update=True)),
    ([INSTANCE], only(INSTANCE, metadata_options={"http_tokens": "optional"})),
    ([but(INSTANCE, auto_snapshot_time="03:00")], only(INSTANCE, auto_snapshot_time="")),
    ([INSTANCE, only(INSTANCE, state="stopped")], only(INSTANCE, state="running")),
    ([INSTANCE], only(INSTANCE, state="rebooted")),
    ([INSTANCE], gone(INSTANCE)),
    *tagged(INSTANCE),
    ([INSTANCE], but(DISK, tags={"a": "b"}, auto_snapshot_time="03:00", instance_name="web-1")),
    ([DISK, DISK_SNAPSHOT], ("lightsail_disk", dict(name="disk-2", zone="eu-central-1a", from_snapshot="copy-1"))),
    (
        [INSTANCE, INSTANCE_2, but(DISK, instance_name="web-1")],
        only(DISK, instance_name="web-2", stop_instance=True),
    ),
    ([but(DISK, auto_snapshot_time="03:00")], only(DISK, auto_snapshot_time="")),
    ([INSTANCE, but(DISK, instance_name="web-1")], gone(DISK, stop_instance=True)),
    *tagged(DISK),
    ([INSTANCE], but(ADDRESS, instance_name="web-1")),
    ([INSTANCE, but(ADDRESS, instance_name="web-1")], but(ADDRESS, instance_name="")),
    ([INSTANCE, but(ADDRESS, instance_name="web-1")], gone(ADDRESS)),
    ([], KEY_PAIR),
    ([], made_key_pair),
    ([], ("lightsail_key_pair", dict(name="key-1", return_private_key=True, tags={"a": "b"}))),
    ([but(KEY_PAIR, tags={"a": "b"})], but(KEY_PAIR, tags={"a": "b"}, public_key=OTHER_KEY, allow_replace=True)),
    ([KEY_PAIR], gone(KEY_PAIR)),
    *tagged(KEY_PAIR),
    ([INSTANCE], but(SNAPSHOT, tags={"a": "b"})),
    ([INSTANCE, SNAPSHOT], ("lightsail_snapshot", dict(name="snap-2", source_snapshot="snap-1", tags={"a": "b"}))),
    ([INSTANCE, SNAPSHOT, but(SNAPSHOT, name="snap-2")], but(SNAPSHOT, name="snap-3", keep=1, keep_prefix="snap-")),
    ([INSTANCE, SNAPSHOT], gone(SNAPSHOT)),
    ([INSTANCE, nightly], ("lightsail_snapshot", dict(name="snap-1", source="web-1", auto_snapshot="latest"))),
    ([INSTANCE, nightly], of_the_night),
    ([INSTANCE, SNAPSHOT], but(SNAPSHOT, tags={"a": "b"})),
    ([INSTANCE, but(SNAPSHOT, tags={"a": "b"})], but(SNAPSHOT, tags={})),
    ([DATABASE], but(DATABASE_SNAPSHOT, tags={"a": "b"})),
    ([DATABASE, DATABASE_SNAPSHOT], gone(DATABASE_SNAPSHOT, type="database")),
    ([DISK], but(DISK_SNAPSHOT, tags={"a": "b"})),
    ([DISK, DISK_SNAPSHOT], gone(DISK_SNAPSHOT, type="disk")),
    ([], but(DATABASE, tags={"a": "b"})),
    (
        [DATABASE, DATABASE_SNAPSHOT],
        ("lightsail_database", dict(name="db-2", bundle_id="micro_2_0", from_snapshot="dump-1", tags={"a": "b"})),
    ),
    ([DATABASE], only(DATABASE, backup_retention=False, publicly_accessible=True)),
    ([DATABASE], only(DATABASE, parameters={"max_connections": 50})),
    ([DATABASE], only(DATABASE, blueprint_id="mysql_8_4", allow_upgrade=True)),
    (
        [DATABASE],
        ("lightsail_database", dict(name="db-2", bundle_id="micro_2_0", from_database="db-1", restore_time="latest", tags={"a": "b"})),
    ),
    ([DATABASE], only(DATABASE, state="stopped", stop_snapshot_name="last")),
    ([DATABASE, only(DATABASE, state="stopped")], only(DATABASE, state="running", backup_retention=False)),
    ([DATABASE], only(DATABASE, state="rebooted")),
    ([DATABASE], gone(DATABASE, final_snapshot_name="last")),
    *tagged(DATABASE),
    ([own_domain], domain(name_servers=SERVERS)),
    ([own_domain], domain(auto_renew=False, transfer_lock=False, privacy=False, tags={"a": "b"})),
    ([own_domain, domain(transfer_lock=False, tags={"a": "b"})], domain(transfer_lock=True, tags={})),
    ([own_domain], domain(contacts={"owner": dict(OWNER, city="Potsdam")}, update_contacts=True)),
    ([own_domain, domain(auto_renew=False)], domain(auto_renew=True)),
    ([], domain(register=True, max_price=20, contacts={"owner": OWNER})),
    ([], but(BUCKET, tags={"a": "b"})),
    ([BUCKET], but(BUCKET, access="objects", bundle_id="medium_1_0")),
    ([BUCKET], but(BUCKET, cors=[{"allowed_methods": ["GET"], "allowed_origins": ["*"]}], versioning=True)),
    ([BUCKET], gone(BUCKET)),
    *tagged(BUCKET),
    ([BUCKET, INSTANCE, INSTANCE_2, access(instances=["web-1"])], access(instances=["web-2"], purge=True)),
    ([BUCKET], access(readonly_accounts=["111122223333"])),
    ([BUCKET], access(bucket_key="present")),
    ([BUCKET, access(bucket_key="present")], access(state="absent")),
    ([INSTANCE], but(ALARM, tags={"a": "b"})),
    ([INSTANCE, ALARM], only(ALARM, threshold=2)),
    ([INSTANCE, ALARM], gone(ALARM)),
    *tagged(ALARM, INSTANCE),
    ([], but(CONTACT, tags={"a": "b"})),
    ([CONTACT], but(CONTACT, endpoint="grace@example.com")),
    ([CONTACT], but(CONTACT, state="absent")),
    ([CONTACT], but(CONTACT, tags={"a": "b"})),
    ([but(CONTACT, tags={"a": "b"})], but(CONTACT, tags={})),
    ([], but(ZONE, tags={"a": "b"})),
    ([ZONE], gone(ZONE)),
    *tagged(ZONE),
    ([ZONE], record(["192.0.2.1", "192.0.2.2"])),
    ([ZONE, record("192.0.2.1")], record("192.0.2.2")),
    ([ZONE, record(["192.0.2.1", "192.0.2.2"])], record(None, state="absent")),
    ([], but(TLS, tags={"a": "b"})),
    ([TLS], gone(TLS)),
    ([delegate, TLS, prove, TLS_ISSUED, ends_soon("tls-1"), undelegate], TLS),
    ([TLS], but(TLS, tags={"a": "b"})),
    ([but(TLS, tags={"a": "b"})], but(TLS, tags={})),
    ([], but(BALANCER, tags={"a": "b"})),
    ([BALANCER], but(BALANCER, session_stickiness=True, cookie_seconds=60, ip_address_type="ipv4")),
    ([BALANCER, INSTANCE, INSTANCE_2], but(BALANCER, targets=["web-1", "web-2"])),
    ([INSTANCE, but(BALANCER, targets=["web-1"])], but(BALANCER, targets=[])),
    ([BALANCER], WITH_TLS),
    ([delegate, WITH_TLS, prove], but(ISSUED, https_redirect=True)),
    ([delegate, but(WITH_TLS, certificate={"domain": "old.example.net"}), WITH_TLS, prove], ISSUED),
    ([delegate, WITH_TLS, prove, ISSUED, ends_soon("lb-1-tls")], ISSUED),
    ([BALANCER], gone(BALANCER)),
    *tagged(BALANCER),
    ([BUCKET], but(CDN, tags={"a": "b"})),
    ([BUCKET, CDN], but(CDN, enabled=False, ip_address_type="ipv4")),
    ([BUCKET, CDN], but(CDN, bundle_id="medium_1_0")),
    ([BUCKET, CDN], but(CDN, bundle_id="medium_1_0", error_pages=[{"error_code": 404}], waf={"enabled": True})),
    ([BUCKET, CDN], only(CDN, reset_cache=True)),
    ([delegate, BUCKET, CDN, TLS, prove, TLS_ISSUED], SECURED),
    ([delegate, BUCKET, CDN, TLS, prove, TLS_ISSUED, SECURED], but(SECURED, certificate_name="")),
    ([BUCKET, CDN], gone(CDN)),
    *tagged(CDN, BUCKET),
]

# These do something at every run.
EVERY_TIME = {"RebootInstance", "RebootRelationalDatabase", "ResetDistributionCache"}


def name_of(scenario):
    run = scenario[1]
    if callable(run):
        return run.__name__
    return "-".join([run[0], *(str(value) for value in run[1].values() if isinstance(value, (str, bool)))])[:60]


def module_of(scenario):
    return scenario[1].module if callable(scenario[1]) else scenario[1][0]


class Stage:
    """Runs steps, remembers what the last run changed (`seen`) and what it showed that needs proof (`lab.shown`)."""

    def __init__(self, lab):
        self.lab = lab
        self.cloud = lab.cloud
        self.seen = []
        lab.shown = {}

    def run(self, step, fails=False, **more):
        module, options = step(self.lab) if callable(step) else step
        self.lab.modules.mutating()
        result = self.lab.modules(module, fails=fails, **dict(options, **more))
        self.seen = self.lab.modules.mutating()
        self.lab.shown = result.get("load_balancer") or result.get("certificate") or self.lab.shown
        return result

    def prepare(self, scenario):
        self.lab.folder = tempfile.TemporaryDirectory()
        for step in scenario[0]:
            if callable(step):
                step(self.lab)
            else:
                self.run(step)
