# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wordpress_process_limits lets the PHP processes of all nodes leave connections of the database free."""

from __future__ import annotations

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import wordpress_process_limits as limits


@pytest.mark.parametrize(
    ("nodes", "connections", "room"),
    [
        (0, 60, 0),
        (2, 0, 0),
        # of 60 connections 6 stay free, of few 5
        (1, 60, 54),
        (2, 60, 27),
        (18, 60, 3),
        (2, 20, 7),
        # a node with fewer than two could not serve a page that asks its own site
        (50, 60, 2),
    ],
)
def test_the_nodes_share_what_is_not_kept_free(nodes, connections, room):
    assert limits.room_of(nodes, connections) == room


PREFORK = """<IfModule mpm_prefork_module>
	StartServers 5
	MinSpareServers 5
	# MaxRequestWorkers 999
	MaxRequestWorkers {workers}
</IfModule>
"""


@pytest.mark.parametrize("settings", [PREFORK.format(workers=250), "", PREFORK.replace("MaxRequestWorkers {", "maxclients {").format(workers=250)])
def test_apaches_limit_is_lowered(settings):
    text = limits.prefork_text(settings, 27)
    assert "  MaxRequestWorkers 27\n" in text
    assert f"# was {250 if settings else 256}\n" in text


@pytest.mark.parametrize(("workers", "room"), [(5, 27), (27, 27), (250, 0)])
def test_a_limit_of_apache_that_is_low_enough_stays(workers, room):
    assert "MaxRequestWorkers" not in limits.prefork_text(PREFORK.format(workers=workers), room)


def said(children, manager="dynamic"):
    lines = [
        "[global]",
        "pid = /run/php.pid",
        "process_control_timeout = 0s",
        "[www]",
        "user = web",
        f"pm = {manager}",
        f"pm.max_children = {children}",
        "[admin]",
    ]
    lines += ["pm = static", "pm.max_children = 3"]
    return limits.fpm_sections("".join(f"[28-Nov-2026 19:00:00] NOTICE: {line if line[0] == '[' else ' ' * 8 + line}\n" for line in lines))


def test_the_settings_of_php_fpm_are_read_by_pool():
    sections = said(50)
    assert list(sections) == ["global", "www", "admin"]
    assert sections["www"] == {"user": "web", "pm": "dynamic", "pm.max_children": "50"}


def test_only_a_pool_with_too_many_processes_is_limited():
    text = limits.fpm_text(said(50), "", 7)
    assert text.endswith("[www]\n; was 50\npm.max_children = 7\npm.start_servers = 1\npm.min_spare_servers = 1\npm.max_spare_servers = 7\n")
    assert "[admin]" not in text
    assert "[www]" not in limits.fpm_text(said(5), "", 7)
    assert limits.fpm_text(said(50, "ondemand"), "", 7).endswith("; was 50\npm.max_children = 7\n")


def test_the_limit_that_was_replaced_is_known_to_later_runs():
    first = limits.fpm_text(said(50), "", 7)
    # PHP-FPM now says 7, which is ours
    assert limits.fpm_text(said(7), first, 7) == first
    assert "pm.max_children = 27\n" in limits.fpm_text(said(7), first, 27)
    assert "[www]" not in limits.fpm_text(said(7), first, 60)
    assert "[www]" not in limits.fpm_text(said(7), first, 0)


def test_a_reload_always_lets_requests_end():
    assert "process_control_timeout = 30s\n" in limits.fpm_text(said(5), "", 0)
