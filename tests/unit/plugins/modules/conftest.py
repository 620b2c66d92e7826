# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixture `lab`: `modules` with words for what the tests of buckets, DNS, certificates, balancers and CDN often do."""

from __future__ import annotations

import time
from types import SimpleNamespace

import botocore.endpoint
import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core
from ansible_collections.cloudpress.lightsail.plugins.module_utils._certificates import PENDING


class Lab:
    def __init__(self, modules, cloud):
        self.modules = modules
        self.cloud = cloud
        self.mutations = []  # of the last run or fail

    def _run(self, name, fails, arguments):
        self.modules.mutating()
        result = self.modules(name, fails=fails, **arguments)
        self.mutations = self.modules.mutating()
        return result

    def run(self, name, /, **arguments):
        return self._run(name, False, arguments)

    def fail(self, name, /, **arguments):
        return self._run(name, True, arguments)["msg"]

    def cycle(self, name, key, /, **arguments):
        return self.modules.cycle(name, key, **arguments)

    def delegated_zone(self, domain):
        """A zone of ours to which the world's name servers point."""
        self.cloud.admin("domain", name=domain, registrant="elsewhere")
        self.run("lightsail_dns_zone", name=domain)
        self.cloud.admin("delegate", name=domain)

    def prove(self, shown):
        """Set the records of a certificate or of a load balancer, as a playbook does."""
        for record in shown["validation_records"]:
            zone = ".".join(record["name"].rstrip(".").split(".")[-2:])
            self.run("lightsail_dns_record", zone=zone, **{key: record[key] for key in ("name", "type", "value")})

    def out_of_time(self, name, region="us-east-1"):
        """Let the validation of a certificate have taken too long."""
        with self.cloud.daemon.cloud.lock:
            record = next(item for item in self.cloud.daemon.cloud.resources.values() if item["name"] == name)
            assert record["status"] == PENDING
            record["status"] = "VALIDATION_TIMED_OUT"

    def ends_in(self, name, days):
        """Let a certificate that was issued be about to end."""
        with self.cloud.daemon.cloud.lock:
            record = next(item for item in self.cloud.daemon.cloud.resources.values() if item["name"] == name)
            record["not_after"] = self.cloud.daemon.clock.now() + days * 86400


@pytest.fixture
def lab(modules, cloud):
    return Lab(modules, cloud)


@pytest.fixture
def short_pauses(monkeypatch):
    """Pauses between two tries and between two looks are short: what is tested is what happens after them."""
    quick = SimpleNamespace(monotonic=time.monotonic, time=time.time, sleep=lambda seconds: time.sleep(min(seconds, 0.02)))
    monkeypatch.setattr(botocore.endpoint, "time", quick)
    monkeypatch.setattr(_core, "time", quick)
