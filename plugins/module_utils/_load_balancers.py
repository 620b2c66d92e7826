# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load balancers: how they are read, and everything about their TLS. Private to the collection; may change at any time.

A load balancer has certificates of its own (at most two), which are requested, attached and replaced but never detached,
and three switches that mean something only while one is attached.
"""

from __future__ import annotations

from ansible_collections.cloudpress.lightsail.plugins.module_utils._certificates import (
    DEAD,
    HOPELESS,
    ISSUED,
    PENDING,
    best,
    domains,
    expiring,
    heir,
    is_successor,
    next_name,
    plain,
    records_complete,
)
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import AwsFailure, snake

CERTIFICATES_PER_LOAD_BALANCER = 2
NAME_TRIES = 5


# -- reading


def configuration(raw):
    """The attributes that the API returns as a map of strings."""
    options = raw.get("configurationOptions") or {}
    return {
        "session_stickiness": options.get("SessionStickinessEnabled") == "true",
        "cookie_seconds": int(options.get("SessionStickiness_LB_CookieDurationSeconds") or 86400),
        "https_redirect": bool(raw.get("httpsRedirectionEnabled") or options.get("HttpsRedirectionEnabled") == "true"),
        "tls_policy": raw.get("tlsPolicyName") or options.get("TlsPolicyName"),
    }


def target_health(raw):
    """{instance: (health, reason)}, in no order of the API's."""
    return {
        item["instanceName"]: (item.get("instanceHealth"), item.get("instanceHealthReason"))
        for item in raw.get("instanceHealthSummary") or []
    }


def attached_targets(raw):
    return sorted(name for name, (health, dummy) in target_health(raw).items() if health != "draining")


def health_words(health, names):
    words = []
    for name in sorted(names):
        state, reason = health.get(name, ("not attached", None))
        words.append("%s %s%s" % (name, state, " (%s)" % reason if reason else ""))
    return ", ".join(words) or "no targets"


def represent_load_balancer(raw, tls=None):
    """A load balancer as results show it; with `tls`, also what only the list of its certificates tells."""
    shown = snake({key: value for key, value in raw.items() if key != "configurationOptions"})
    known = configuration(raw)
    shown.update(
        targets=attached_targets(raw),
        session_stickiness=known["session_stickiness"],
        cookie_seconds=known["cookie_seconds"],
        https_redirection_enabled=known["https_redirect"],
        tls_policy_name=known["tls_policy"],
    )
    shown.setdefault("instance_health_summary", [])
    shown["instance_health_summary"].sort(key=lambda item: item["instance_name"])
    shown.setdefault("tags", {})
    if tls:
        shown.update(tls.shown(tls.read()))
    return shown


# -- TLS


class LoadBalancerTls:
    """Brings a load balancer's certificate and the switches that depend on it to what is wanted."""

    def __init__(self, balancer):
        self.balancer = balancer
        self.params = balancer.params
        wish = self.params.get("certificate")
        self.domains = domains(wish["domain"], wish["alternative_names"]) if wish else None
        self.days = wish["replace_days"] if wish else 0
        self.base = (wish and wish["name"]) or "%s-tls" % balancer.name

    def read(self):
        answer = self.balancer.call("GetLoadBalancerTlsCertificates", loadBalancerName=self.balancer.name, missing_ok=True)
        return [plain(raw) for raw in (answer or {}).get("tlsCertificates") or []]

    def chosen(self, certificates):
        """The certificate to speak of: for the wanted domains a usable one, else a dead one; or simply the attached one."""
        if self.domains is None:
            return next((item for item in certificates if item["in_use"]), None)
        dead = [item for item in certificates if item["status"] in DEAD and set(item["domains"]) == set(self.domains)]
        return best(certificates, self.domains, self.days) or (dead[-1] if dead else None)

    def successor(self, certificates, item):
        """The name of the pending certificate that will take the place of one that is about to end."""
        pending = heir(certificates, item, self.days) if self.domains else None
        return pending and pending["name"]

    def shown(self, certificates):
        item = self.chosen(certificates)
        redirected = configuration(self.balancer.found or {})["https_redirect"]
        return {
            "certificate_name": item and item["name"],
            "certificate_status": item and item["status"],
            "certificate_attached": bool(item and item["in_use"]),
            "certificate_not_after": item and item["not_after"],
            "certificate_renewal_status": item and item["renewal_status"],
            "certificate_successor": self.successor(certificates, item),
            "validation_records": item["validation_records"] if item else [],
            "https_redirect_pending": bool(self.params.get("https_redirect")) and not redirected,
        }

    def bring_about(self, raw):
        """What happens after everything else. Returns what to show and what to add to the diff."""
        before = self.summary(self.read() if raw else [], raw)
        if self.balancer.check_mode:
            after, shown = self.predict(before, raw)
        else:
            certificates = self.change_certificate() if self.domains else self.read()
            self.change_switches(any(item["in_use"] for item in certificates))
            after = self.summary(self.read(), self.balancer.read())
            shown = {}
        return {"before": before, "after": after, "shown": shown}

    def summary(self, certificates, raw):
        """The part of the diff: only what the user manages."""
        item = self.chosen(certificates)
        known = configuration(raw or {})
        summary = {}
        if self.domains:
            summary["certificate"] = item and {"name": item["name"], "status": item["status"], "attached": item["in_use"]}
            if item and self.successor(certificates, item):
                summary["certificate"]["successor"] = self.successor(certificates, item)
        # Without a certificate these say nothing.
        for option in ("https_redirect", "tls_policy"):
            if self.params[option] is not None and any(one["in_use"] for one in certificates):
                summary[option] = known[option]
        return summary

    def predict(self, before, raw):
        certificates = self.read() if raw else []
        item = self.chosen(certificates)
        after, shown = dict(before), self.shown(certificates)
        attached = any(one["in_use"] for one in certificates)
        if self.domains and (item is None or item["status"] in DEAD):
            self.refuse_hopeless(item)
            name = next_name(self.base, {one["name"] for one in certificates})
            after["certificate"] = {"name": name, "status": PENDING, "attached": False}
            shown.update(certificate_name=name, certificate_status=PENDING, certificate_attached=False, validation_records=[])
        elif self.domains and item["status"] == ISSUED and not item["in_use"]:
            attached = True
            after["certificate"] = dict(before["certificate"], attached=True)
            shown.update(certificate_attached=True, protocol="HTTP_HTTPS", public_ports=[80, 443])
        elif self.needs_heir(certificates, item):
            name = next_name(self.base, {one["name"] for one in certificates})
            after["certificate"] = dict(before["certificate"], successor=name)
            shown["certificate_successor"] = name
        for option, key in (("https_redirect", "https_redirection_enabled"), ("tls_policy", "tls_policy_name")):
            if self.params[option] is not None and attached:
                after[option] = shown[key] = self.params[option]
        shown["https_redirect_pending"] = bool(self.params["https_redirect"]) and not attached
        if after != before:
            shown["tls_certificate_summaries"] = None
        if self.domains and attached and self.superfluous(certificates, item):
            self.balancer.changed = True
        self.balancer.changed = self.balancer.changed or after != before
        return after, shown

    # -- certificates

    def change_certificate(self):
        certificates = self.read()
        item = self.chosen(certificates)
        if item is None or item["status"] in DEAD:
            self.refuse_hopeless(item)
            self.make_room(certificates)
            item = self.request({one["name"] for one in certificates})
        elif self.needs_heir(certificates, item):
            # It stays attached until the other one can take its place.
            self.request_heir(certificates, item)
        elif self.params["wait_for_certificate"] and self.successor(certificates, item):
            self.wait(self.successor(certificates, item))
        item = self.chosen(self.read()) if item["status"] == ISSUED else item
        if item["status"] != ISSUED:
            item = self.wait(item["name"])
        if item["status"] == ISSUED and not item["in_use"]:
            self.attach(item["name"])
        certificates = self.read()
        item = self.chosen(certificates)
        for name in self.superfluous(certificates, item):
            self.delete(name)
        return certificates

    def needs_heir(self, certificates, item):
        return bool(self.domains and item and expiring(item, self.days) and not heir(certificates, item, self.days))

    def request_heir(self, certificates, item):
        """While the certificate is good, a refusal (of a quota, say) is no reason to stop."""
        try:
            self.make_room(certificates)
            self.request({one["name"] for one in certificates})
        except AwsFailure as failure:
            if not failure.refused or failure.answer_lost:
                raise
            self.balancer.module.warn(
                "The certificate %s of the load balancer %s ends at %s and got no successor. %s"
                % (item["name"], self.balancer.name, item["not_after"], failure.msg)
            )

    def refuse_hopeless(self, item):
        if item and item["failure_reason"] in HOPELESS:
            self.balancer.fail(
                "The certificate %s of the load balancer %s failed with %s: AWS does not issue certificates for %s, and asking "
                "again would not help." % (item["name"], self.balancer.name, item["failure_reason"], ", ".join(self.domains)),
                certificate=item,
            )

    def superfluous(self, certificates, item):
        """Dead ones of ours, and those of ours that the attached one has replaced."""
        successor = self.successor(certificates, item)
        return [
            one["name"]
            for one in certificates
            if not one["in_use"] and one is not item and is_successor(one["name"], self.base)
            and (one["status"] in DEAD or (item and item["in_use"])) and one["name"] != successor
        ]

    def make_room(self, certificates):
        spare = [one for one in certificates if not one["in_use"]]
        spare.sort(key=lambda one: (one["status"] not in DEAD, one["status"] == ISSUED, one["created_at"] or ""))
        surplus = len(certificates) - CERTIFICATES_PER_LOAD_BALANCER + 1
        for one in spare[: max(surplus, 0)]:
            self.delete(one["name"])

    def request(self, taken):
        balancer = self.balancer
        for dummy in range(NAME_TRIES):
            name = next_name(self.base, taken)
            try:
                balancer.act(
                    "CreateLoadBalancerTlsCertificate",
                    loadBalancerName=balancer.name,
                    certificateName=name,
                    certificateDomainName=self.domains[0],
                    certificateAlternativeNames=self.domains[1:] or None,
                    subject=name,
                )
            except AwsFailure as failure:
                mine = next((one for one in self.read() if one["name"] == name and set(one["domains"]) == set(self.domains)), None)
                if not mine and not failure.name_taken:
                    raise
                if not mine:
                    # The name belongs to something else in this region: names are unique across all types of resources.
                    taken = taken | {name}
                    continue
                balancer.note_lost(failure)
            # It may not be listed yet, nor its records be known.
            return self.wait(name)
        balancer.fail("All names from %s to %s are taken in this region; set another name in certificate." % (self.base, name))

    def wait(self, name):
        """Until the records are known, and, if the user wants that, until it is issued."""
        issued = self.params["wait_for_certificate"]

        def check():
            item = next((one for one in self.read() if one["name"] == name), None)
            if item is None:
                return False, "not listed yet"
            if item["status"] in DEAD:
                self.refuse_hopeless(item)
                self.balancer.fail("The certificate %s is %s." % (name, item["status"]), certificate=item)
            done = item["status"] == ISSUED or (not issued and records_complete(item))
            return done, item if done else item["status"]

        return self.balancer.module.poll(check, "the certificate %s to be %s" % (name, "issued" if issued else "requested"))

    def attach(self, name):
        balancer = self.balancer
        balancer.act("AttachLoadBalancerTlsCertificate", loadBalancerName=balancer.name, certificateName=name)

        def check():
            raw = balancer.read() or {}
            attached = any(one["isAttached"] for one in raw.get("tlsCertificateSummaries") or [] if one["name"] == name)
            return attached and raw.get("protocol") == "HTTP_HTTPS", raw.get("protocol")

        balancer.module.poll(check, "the certificate %s to be attached to the load balancer %s" % (name, balancer.name))

    def delete(self, name):
        balancer = self.balancer
        balancer.act(
            "DeleteLoadBalancerTlsCertificate", loadBalancerName=balancer.name, certificateName=name, subject=name, missing_ok=True, wait=True
        )

        def check():
            item = next((one for one in self.read() if one["name"] == name), None)
            return item is None, item and item["status"]

        balancer.module.poll(check, "the certificate %s to be gone" % name)

    # -- switches

    def change_switches(self, attached):
        known = configuration(self.balancer.read() or {})
        redirect, policy = self.params["https_redirect"], self.params["tls_policy"]
        # Redirecting without a certificate is refused by the service, and would lock every visitor out if it were not.
        if policy is not None and attached and policy != known["tls_policy"]:
            self.balancer.set_attribute("TlsPolicyName", policy)
        if redirect is not None and redirect != known["https_redirect"] and (attached or not redirect):
            self.balancer.set_attribute("HttpsRedirectionEnabled", str(redirect).lower())
