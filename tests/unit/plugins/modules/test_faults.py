# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every changing call, hit once by every fault: the same run has to reach its goal, and the next one has nothing to do.

A lost answer is the hard one: AWS has done it, the SDK asks again, and what comes back is the answer to a repetition.
"""

from __future__ import annotations

import pytest

BLOG = dict(name="blog-1", zone="eu-central-1a", blueprint_id="wordpress", bundle_id="small_3_0")
DATABASE = dict(name="blog-db", blueprint_id="mysql_8_0", bundle_id="micro_2_0", database_name="wordpress", master_username="dbmasteruser")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt me@example.com"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID/EzP50WHDiwNmfcfMP8GVsje3UHMHX09N2sNvmheLz me@example.com"
SERVERS = ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net"]

instance, static_ip, key_pair, snapshot, database, domain = (
    "lightsail_instance",
    "lightsail_static_ip",
    "lightsail_key_pair",
    "lightsail_snapshot",
    "lightsail_database",
    "route53_domain",
)
blog = (instance, BLOG)
db = (database, DATABASE)

# operation: what is there before, and the run that calls the operation
CASES = {
    "CreateInstances": ([], (instance, dict(BLOG, tags={"a": "b"}))),
    "CreateInstancesFromSnapshot": (
        [blog, (snapshot, dict(name="golden", source="blog-1"))],
        (instance, dict(name="blog-2", zone="eu-central-1b", bundle_id="small_3_0", from_snapshot="golden", tags={"a": "b"})),
    ),
    "PutInstancePublicPorts": ([blog], (instance, dict(name="blog-1", public_ports=[{"from_port": 22}]))),
    "SetIpAddressType": ([blog], (instance, dict(name="blog-1", ip_address_type="ipv4"))),
    "StopInstance": ([blog], (instance, dict(name="blog-1", state="stopped"))),
    "StartInstance": ([blog, (instance, dict(name="blog-1", state="stopped"))], (instance, dict(name="blog-1", state="running"))),
    "DeleteInstance": ([blog], (instance, dict(name="blog-1", state="absent"))),
    "TagResource": ([blog], (instance, dict(name="blog-1", tags={"a": "b"}))),
    "UntagResource": ([(instance, dict(BLOG, tags={"a": "b"}))], (instance, dict(name="blog-1", tags={}))),
    "AllocateStaticIp": ([], (static_ip, dict(name="ip"))),
    "AttachStaticIp": ([blog, (static_ip, dict(name="ip"))], (static_ip, dict(name="ip", instance_name="blog-1"))),
    "DetachStaticIp": ([blog, (static_ip, dict(name="ip", instance_name="blog-1"))], (static_ip, dict(name="ip", instance_name=""))),
    "ReleaseStaticIp": ([(static_ip, dict(name="ip"))], (static_ip, dict(name="ip", state="absent"))),
    "ImportKeyPair": ([], (key_pair, dict(name="owner", public_key=KEY))),
    "DeleteKeyPair": ([(key_pair, dict(name="owner", public_key=KEY))], (key_pair, dict(name="owner", public_key=OTHER_KEY, allow_replace=True))),
    "CreateInstanceSnapshot": ([blog], (snapshot, dict(name="golden", source="blog-1", tags={"a": "b"}))),
    "DeleteInstanceSnapshot": ([blog, (snapshot, dict(name="golden", source="blog-1"))], (snapshot, dict(name="golden", state="absent"))),
    "CreateRelationalDatabase": ([], (database, dict(DATABASE, tags={"a": "b"}))),
    "CreateRelationalDatabaseFromSnapshot": (
        [db, (snapshot, dict(name="dump", type="database", source="blog-db"))],
        (database, dict(name="blog-db-2", bundle_id="micro_2_0", from_snapshot="dump", tags={"a": "b"})),
    ),
    "CreateRelationalDatabaseSnapshot": ([db], (snapshot, dict(name="dump", type="database", source="blog-db", tags={"a": "b"}))),
    "DeleteRelationalDatabaseSnapshot": (
        [db, (snapshot, dict(name="dump", type="database", source="blog-db"))],
        (snapshot, dict(name="dump", type="database", state="absent")),
    ),
    "UpdateRelationalDatabase": ([db], (database, dict(name="blog-db", backup_retention=False))),
    "UpdateRelationalDatabaseParameters": ([db], (database, dict(name="blog-db", parameters={"max_connections": 50}))),
    "StopRelationalDatabase": ([db], (database, dict(name="blog-db", state="stopped"))),
    "StartRelationalDatabase": ([db, (database, dict(name="blog-db", state="stopped"))], (database, dict(name="blog-db", state="running"))),
    "DeleteRelationalDatabase": ([db], (database, dict(name="blog-db", state="absent", final_snapshot_name="last"))),
    "UpdateDomainNameservers": ([], (domain, dict(name="example.com", state="registered", name_servers=SERVERS, resolver="127.0.0.1:9"))),
    "DisableDomainAutoRenew": ([], (domain, dict(name="example.com", state="registered", auto_renew=False, resolver="127.0.0.1:9"))),
}


# Throttling and server errors are the SDK's to repeat, whatever the operation; one of each is enough for every day.
PLAIN = [
    pytest.param(operation, fault, marks=() if operation == "AllocateStaticIp" else pytest.mark.slow)
    for operation in CASES
    for fault in ("throttle", "500")
]


@pytest.mark.parametrize("operation, fault", [(operation, "lost-answer") for operation in CASES] + PLAIN)
def test_the_run_reaches_its_goal(modules, cloud, operation, fault):
    before, (module, params) = CASES[operation]
    cloud.admin("domain", name="example.com", registrant="owner")
    for name, arguments in before:
        modules(name, **arguments)
    modules.mutating()
    cloud.time_scale(0.005)  # so that a repetition finds what it repeats still under way
    cloud.fault(operation, fault)
    assert modules(module, **params)["changed"] is True
    assert operation in modules.mutating()
    cloud.admin("clear_faults")
    again = modules(module, **params)
    assert again["changed"] is False and again["diff"]["before"] == again["diff"]["after"]


@pytest.mark.parametrize("operation", ["GetInstance", "GetOperation", "GetInstancePortStates"])
@pytest.mark.parametrize("fault", ["throttle", "500", "lost-answer"])
def test_reading_is_repeated(modules, cloud, operation, fault):
    cloud.fault(operation, fault, times=2)
    assert modules(instance, **BLOG, public_ports=[{"from_port": 22}])["changed"] is True
