# SPDX-License-Identifier: GPL-3.0-or-later
"""How long things take on AWS, and how much faster they go here.

Operations and resources have clocks of their own, because "operation succeeded" and "resource is ready" are different
moments on Lightsail, and a client that confuses them must fail here as it would there. Figures are in seconds of AWS.
"sample" is a figure from sample output in the AWS CLI's documentation, "observed" one from somebody's tests or the
user guide, "guess" one of ours.
"""

from __future__ import annotations

import time

OPERATIONS: dict[str, tuple[float, str]] = {
    "CreateInstances": (17.9, "sample"),
    "CreateInstancesFromSnapshot": (60, "guess: 1-5 minutes by size"),
    "StartInstance": (20, "guess"),
    "StopInstance": (30, "guess: 30-60 s"),
    "CreateInstanceSnapshot": (90, "guess: the first one takes minutes"),
    "SetupInstanceHttps": (60, "guess"),
    "ExportSnapshot": (300, "guess: minutes by size"),
    "CreateCloudFormationStack": (120, "guess"),
    "CreateDisk": (5, "guess"),
    "AttachDisk": (5, "guess"),
    "DetachDisk": (5, "guess"),
    "CreateDiskSnapshot": (60, "guess: as for instances, by size"),
    "CopySnapshot": (90, "guess: as CreateInstanceSnapshot"),
    "CreateRelationalDatabase": (300, "guess: ends before the database is available"),
    "CreateRelationalDatabaseFromSnapshot": (300, "as CreateRelationalDatabase"),
    "UpdateRelationalDatabase": (5, "guess"),
    "StartRelationalDatabase": (60, "guess"),
    "StopRelationalDatabase": (60, "guess"),
    "RebootRelationalDatabase": (10, "guess"),
    "DeleteRelationalDatabase": (180, "guess: 3-8 minutes"),
    "CreateRelationalDatabaseSnapshot": (180, "guess: 3-10 minutes"),
    "CreateLoadBalancer": (60, "observed: 1-3 minutes"),
    "AttachInstancesToLoadBalancer": (16, "sample: 16-68 s"),
    "DetachInstancesFromLoadBalancer": (300, "sample: 300-302 s, connection draining"),
    "DeleteLoadBalancerTlsCertificate": (10, "guess"),
    "CreateBucket": (2, "guess: seconds"),
    "CreateDistribution": (60, "guess: ends while the status is still InProgress"),
    "UpdateDistribution": (30, "as CreateDistribution"),
    "CreateSubdomain": (30, "guess"),
    "UpdateSubdomainAssociation": (60, "guess: as an update of the distribution"),
    "DeleteDistribution": (120, "guess: several minutes"),
}

RESOURCES: dict[str, tuple[float, str]] = {
    "instance running": (25, "observed: 20-60 s"),
    "instance from snapshot running": (90, "guess: 1-5 minutes"),
    "instance started": (25, "guess"),
    "instance stopped": (40, "guess: 30-60 s"),
    "instance deleted": (10, "guess: still shutting-down for a while"),
    "metadata options applied": (5, "guess"),
    "ssh": (30, "guess: running is some time before sshd"),
    "host keys": (15, "observed: some seconds to a minute after boot"),
    "first boot": (180, "observed: WordPress is installed 3 to 10 minutes after running"),
    "instance snapshot available": (120, "guess: 2-10 minutes for the first"),
    "disk available": (10, "guess"),
    "disk attached": (10, "others: the CloudFormation handler sleeps for ten seconds"),
    "disk detached": (10, "as disk attached"),
    "disk snapshot completed": (90, "guess"),
    "database available": (480, "observed: 5-15 minutes"),
    "database modified": (120, "observed: 2-5 minutes"),
    "database upgraded": (900, "guess: a major version, 10-20 minutes"),
    "database parameters applied": (10, "guess"),
    "database stopped": (300, "observed: 5-10 minutes"),
    "database started": (300, "observed: 5-10 minutes"),
    "database rebooted": (60, "observed: 1-2 minutes"),
    "database deleted": (240, "observed: 3-8 minutes"),
    "database snapshot available": (240, "guess: 3-10 minutes"),
    "database starts by itself": (7 * 86400, "user guide"),
    "database restorable": (300, "user guide: the last five minutes cannot be restored yet"),
    "database backups kept": (7 * 86400, "user guide"),
    "load balancer active": (90, "observed: 1-3 minutes"),
    "load balancer health interval": (30, "user guide"),
    "load balancer deleted": (10, "guess: read until it is not found"),
    "validation records shown": (3, "guess: missing for the first seconds"),
    "validation records created": (10, "guess"),
    "certificate issued": (45, "sample: 45 s; typically 2-30 minutes"),
    "certificate timed out": (72 * 3600, "user guide"),
    "certificate check": (10, "guess: how often the records are looked for"),
    "bucket ready": (2, "guess"),
    "bucket authority": (45, "observed: a role's access to a bucket takes effect after 30 to 60 s"),
    "bucket access key": (0, "observed: mostly at once, up to 300 s for a fresh bucket or key"),
    "distribution deployed": (330, "observed: create 330 s, update 100-1000 s"),
    "subdomain associated": (60, "guess: as an update of the distribution"),
    "distribution deleted": (180, "guess"),
    "cache reset": (60, "guess"),
    "add-on changed": (10, "guess"),
    "export finished": (300, "guess: minutes by size"),
    "alarm evaluated": (300, "model: a data point covers five minutes"),
    "registrar submitted": (10, "guess"),
    "domain registered": (300, "user guide: minutes to days"),
    "domain changed": (60, "guess: contacts, privacy, lock, DNSSEC; minutes"),
    "domain transferred": (600, "user guide: five to seven days"),
    "name servers updated": (120, "user guide: minutes to 48 h"),
}


class Clock:
    """Wall-clock time, so that a cloud that was down for a while has gone on ageing as AWS would have."""

    def __init__(self, scale: float, durations: dict[str, float] | None = None) -> None:
        self.scale = scale
        # Resources' durations of a rehearsal, in seconds as they are.
        self.durations = dict(durations or {})

    @staticmethod
    def now() -> float:
        return time.time()

    def operation(self, name: str) -> float:
        return OPERATIONS[name][0] * self.scale

    def resource(self, name: str) -> float:
        return self.durations.get(name, RESOURCES[name][0] * self.scale)
