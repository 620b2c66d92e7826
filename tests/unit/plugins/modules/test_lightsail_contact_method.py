# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_contact_method, against the local control plane."""

from __future__ import annotations

MODULE = "lightsail_contact_method"


def test_a_replacement_that_fails_half_way(modules, cloud, short_pauses):
    modules(MODULE, protocol="Email", endpoint="ada@example.com")
    wish = dict(protocol="Email", endpoint="grace@example.com", wait_timeout=20)
    cloud.fault("CreateContactMethod", "throttle", times=1000)
    assert "AWS answered ThrottlingException" in modules(MODULE, fails=True, **wish)["msg"]
    cloud.admin("clear_faults")
    assert modules(MODULE, **wish)["contact_method"]["contact_endpoint"] == "grace@example.com"
    assert modules(MODULE, **wish)["changed"] is False
