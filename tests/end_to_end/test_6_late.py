"""What AWS calls running is not ready: SSH, host keys, the first boot and the access to the bucket come later. One run waits for each."""

from __future__ import annotations

import pytest

# A site of its own takes minutes: make test-all.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

SITE = "https://www.cloudpress-rehearsal.com"
# Seconds. AWS: access to a bucket 30 to 60, a first boot 180 to 600; the first boot is shortened.
LATE = {"bucket_authority": 60, "first_boot": 60, "host_keys": 20, "ssh": 15}


def test_one_run_publishes_the_site_although_all_comes_late_and_clones_are_installed_again(make_cloud):
    cloud = make_cloud("hosts", *(word for name, seconds in LATE.items() for word in ("--duration", f"{name}={seconds}")), "--variant", "install-again")
    run = cloud.play("playbooks/site.yml", timeout=1700)
    assert (run.status, run.outcome) == (0, "published"), run.output[-6000:]
    print(f"built in {run.seconds:.0f} s")
    assert run.seconds > LATE["bucket_authority"] + LATE["first_boot"]  # the primary's first boot, then the new node's access to the bucket
    assert cloud.visit(f"{SITE}/").status == 200
    again = cloud.play("playbooks/site.yml")
    assert (again.status, again.changed, again.mutating) == (0, 0, []), again.output[-4000:]
