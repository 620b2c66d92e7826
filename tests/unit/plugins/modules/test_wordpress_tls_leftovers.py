# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wordpress_tls_leftovers removes redirects and renewals that fail behind a load balancer, and nothing else."""

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import wordpress_tls_leftovers as leftovers

VHOST = """<VirtualHost {address}>
  ServerName example.org
  DocumentRoot /srv/wordpress
  RewriteEngine On
{middle}  <Directory "/srv/wordpress">
    Require all granted
  </Directory>
</VirtualHost>
"""
HTTP = "0.0.0.0:80 _default_:80"
# As AWS's script SetupInstanceHttps writes it.
GUIDED = """  RewriteCond %{HTTPS} !=on
  RewriteCond %{HTTP_HOST} !^(localhost|127.0.0.1)
  RewriteRule ^/(.*) https://%{SERVER_NAME}/$1 [R=permanent,L]
"""
BNCERT = """  # BEGIN: Enable HTTP to HTTPS redirection
  RewriteCond %{HTTPS} !=on
  RewriteRule ^/(.*) https://%{SERVER_NAME}/$1 [R,L]
  # END: Enable HTTP to HTTPS redirection
  # BEGIN: Enable non-www to www redirection
  RewriteCond %{HTTP_HOST} !^www\\. [NC]
  RewriteRule ^(.*)$ https://www.%{HTTP_HOST}%{REQUEST_URI} [R=permanent,L]
  # END: Enable non-www to www redirection
"""

GONE = {
    "the guided workflow": GUIDED,
    "conditions the other way round": "".join(GUIDED.splitlines(keepends=True)[index] for index in (1, 0, 2)),
    "trailing spaces": GUIDED.replace("\n", "  \n"),
    "lower case": GUIDED.replace("RewriteCond", "rewritecond").replace("RewriteRule", "rewriterule").replace("!=on", "!=ON"),
    "quotes": '  RewriteCond "%{HTTPS}" "off"\n  RewriteRule "^/?(.*)" "https://%{SERVER_NAME}/$1" [L,R=301]\n',
    "a host by name": "  RewriteCond %{HTTPS} !=on\n  RewriteRule ^/(.*) https://www.example.org/$1 [R=301,L]\n",
    "HTTPS or www": "  RewriteCond %{HTTPS} off [OR]\n  RewriteCond %{HTTP_HOST} !^www\\. [NC]\n"
    "  RewriteRule ^ https://www.example.org%{REQUEST_URI} [L,R=301]\n",
    "the port": "  RewriteCond %{SERVER_PORT} !=443\n  RewriteRule ^(.*)$ https://%{HTTP_HOST}$1 [R=301,L]\n",
    "the port 80": "  RewriteCond %{SERVER_PORT} ^80$\n  RewriteRule ^(.*)$ https://example.org$1 [R=301,L]\n",
    "the scheme": "  RewriteCond %{REQUEST_SCHEME} =http\n  RewriteRule ^ https://example.org%{REQUEST_URI} [R=301,L]\n",
    "certbot": "  RewriteCond %{SERVER_NAME} =example.org [OR]\n  RewriteCond %{SERVER_NAME} =www.example.org\n"
    "  RewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]\n",
    "no condition": "  RewriteRule ^/?(.*)$ https://%{HTTP_HOST}/$1 [R=301,L]\n",
    "bncert": BNCERT,
    "Redirect": "  Redirect permanent / https://example.org/\n",
    "RedirectPermanent": '  RedirectPermanent / "https://example.org/"\n',
    "RedirectMatch": "  RedirectMatch 301 ^/?(.*)$ https://example.org/$1\n",
}
STAYS = {
    "what knows the load balancer": "  RewriteCond %{HTTP:X-Forwarded-Proto} !https\n  RewriteCond %{HTTPS} off\n"
    "  RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R,L]\n",
    "a distribution's header": "  RewriteCond %{HTTP:CloudFront-Forwarded-Proto} =http\n  RewriteRule ^/?(.*)$ https://%{HTTP_HOST}/$1 [R=301,L]\n",
    "permalinks": "  RewriteCond %{REQUEST_FILENAME} !-f\n  RewriteCond %{REQUEST_FILENAME} !-d\n  RewriteRule . /index.php [L]\n",
    "a page that moved": "  RewriteRule ^/old$ https://%{HTTP_HOST}/new [R=301,L]\n",
    "a page of another site": "  Redirect permanent /shop https://shop.example.net/\n",
    "a place of another site": '  <Location "/shop">\n    Redirect "https://shop.example.net/"\n  </Location>\n',
    "another port": "  RewriteCond %{SERVER_PORT} =8080\n  RewriteRule ^/(.*) https://shop.example.net/$1 [R,L]\n",
    "to plain HTTP": "  RewriteCond %{HTTPS} =on\n  RewriteRule ^/(.*) http://%{SERVER_NAME}/$1 [R,L]\n",
    "pages that were HTTPS": "  RewriteCond %{HTTPS} =on\n  RewriteRule ^/(.*) https://www.example.org/$1 [R,L]\n",
    "comments": "  # RewriteCond %{HTTPS} !=on\n  # RewriteRule ^/(.*) https://%{SERVER_NAME}/$1 [R,L]\n",
}


@pytest.mark.parametrize("middle", [pytest.param(text, id=name) for name, text in GONE.items()])
def test_a_redirect_to_https_goes_and_all_else_stays(middle):
    assert leftovers.without_redirects(VHOST.format(address=HTTP, middle=middle)) == VHOST.format(address=HTTP, middle="")


@pytest.mark.parametrize("middle", [pytest.param(text, id=name) for name, text in STAYS.items()])
def test_what_is_no_redirect_to_https_stays(middle):
    text = VHOST.format(address=HTTP, middle=middle)
    assert leftovers.without_redirects(text) == text


def test_the_redirect_of_all_of_a_place_goes():
    place = '  <Location "/">\n{}  </Location>\n'
    text = VHOST.format(address="*:80", middle=place.format('    Redirect permanent "https://%{HTTP_HOST}%{REQUEST_URI}"\n'))
    assert leftovers.without_redirects(text) == VHOST.format(address="*:80", middle=place.format(""))


def test_a_rule_that_follows_a_redirect_keeps_its_own_conditions():
    middle = f"{GUIDED}{STAYS['permalinks']}"
    assert leftovers.without_redirects(VHOST.format(address=HTTP, middle=middle)) == VHOST.format(address=HTTP, middle=STAYS["permalinks"])


def test_a_comment_among_the_conditions_stays_and_is_no_obstacle():
    middle = GUIDED.replace("  RewriteRule", "  # to HTTPS\n\n  RewriteRule")
    assert leftovers.without_redirects(VHOST.format(address=HTTP, middle=middle)) == VHOST.format(address=HTTP, middle="  # to HTTPS\n\n")


def test_redirects_of_port_443_are_the_owners():
    middle = "  Redirect permanent / https://www.example.org/\n  RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R]\n"
    text = VHOST.format(address="*:443", middle=middle)
    assert leftovers.without_redirects(text) == text
    both = VHOST.format(address="*:80", middle=middle) + text
    assert leftovers.without_redirects(both) == VHOST.format(address="*:80", middle="") + text


RENEWALS = [
    "0 0,12 * * * root /usr/bin/python3 /opt/lightsail/scripts/le-cert-renewal.py WebsiteSetupLECert",
    '0 0 1 * * /srv/letsencrypt/lego --path /srv/letsencrypt --email="a@b.c" --http --domains="b.c" renew && httpd -k graceful',
    "11 4 * * * /srv/letsencrypt/scripts/renew-certificate.sh 2> /dev/null",
    "0 1 * * * /srv/bncert/bncert --renew",
    "0 */12 * * * root test -x /usr/bin/certbot && perl -e 'sleep int(rand(43200))' && certbot -q renew",
    "*/5 * * * * lego --email a@b.c --domains b.c renew",
    '7 0 * * * "/srv/.acme.sh"/acme.sh --cron --home "/srv/.acme.sh" > /dev/null',
]


@pytest.mark.parametrize("line", RENEWALS)
def test_a_renewal_goes_and_other_entries_stay(line):
    others = "# certbot renew is below\nMAILTO=a@b.c\n0 2 * * * root tar czf /backup/keys.tgz /etc/letsencrypt/\n5 * * * * /srv/bricks/lego-shop.sh\n"
    assert leftovers.without_renewals(f"{others}{line}\n") == others


@pytest.fixture
def host(monkeypatch):
    """Crontabs and timers that stand in for those of a host."""
    state = {"crontabs": {}, "timers": ["certbot.timer", "apt-daily.timer", "snap.certbot.renew.timer"]}

    def crontab(user, *arguments, text=None):
        assert arguments == ("-l",) and text is None
        return user in state["crontabs"], state["crontabs"].get(user, "no crontab")

    def run(command, **_):
        assert command[:2] == ["systemctl", "list-unit-files"]
        return subprocess.CompletedProcess(command, 0, "".join(f"{name} enabled enabled\n" for name in state["timers"]).encode())

    monkeypatch.setattr(leftovers._cron, "crontab", crontab)
    monkeypatch.setattr(leftovers.subprocess, "run", run)
    return state


def test_virtual_hosts_are_found_but_not_links_nor_the_files_of_ones_own(tmp_path):
    text = VHOST.format(address="*:80", middle=GUIDED)
    for name in ("site.conf", "own.conf", "note.txt"):
        (tmp_path / name).write_text(text)
    (tmp_path / "link.conf").symlink_to("site.conf")
    found = leftovers.virtual_hosts({"config_dirs": [str(tmp_path), "/nonexistent"], "except_files": [str(tmp_path / "own.conf")]})
    assert list(found) == [str(tmp_path / "site.conf")]


def test_only_users_and_timers_that_renew_are_named(host):
    host["crontabs"] = {"root": "# kept\n" + RENEWALS[0] + "\n", "admin": "5 * * * * true\n"}
    assert leftovers.user_crontabs(["root", "admin", "nobody"]) == [("root", "# kept\n" + RENEWALS[0] + "\n", "# kept\n")]
    assert leftovers.timers() == ["certbot.timer", "snap.certbot.renew.timer"]
