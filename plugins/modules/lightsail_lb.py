#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_lb
short_description: Manage a load balancer of Amazon Lightsail
version_added: 0.1.0
description:
  - Creates, changes and deletes load balancers, with their targets, their TLS certificate, session persistence and the
    redirection to HTTPS.
  - A load balancer costs money from its creation on.
  - A load balancer always speaks HTTP to its targets. A target counts as healthy only while O(health_check_path) answers with
    status 200; redirections count as failures.
  - With the load balancer, its certificates are deleted; instances are not.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  name:
    description: The name of the load balancer.
    type: str
    required: true
  state:
    description: Whether the load balancer should exist.
    type: str
    choices: [present, absent]
    default: present
  instance_port:
    description:
      - The port of the targets. A new load balancer uses V(80) when this is not set.
      - It cannot be changed later.
    type: int
  health_check_path:
    description: The path that is asked for to find out whether a target is healthy. It begins with V(/).
    type: str
  ip_address_type:
    description: Over which protocols visitors can come. A new load balancer is V(dualstack) when this is not set.
    type: str
    choices: [dualstack, ipv4, ipv6]
  targets:
    description:
      - Names of the instances that visitors are sent to. They must be in the region of the load balancer and running.
      - When this is not set, targets are left alone.
    type: list
    elements: str
  purge_targets:
    description:
      - Whether targets that are not in O(targets) are removed.
      - They finish what they are doing first, which takes five minutes. New targets are attached before, and with
        O(wait_for_healthy=true) are healthy before.
    type: bool
    default: true
  session_stickiness:
    description: Whether a visitor stays with one target, which a cookie of the load balancer takes care of.
    type: bool
  cookie_seconds:
    description: How long that cookie is valid, 1 to 604800 seconds.
    type: int
  certificate:
    description:
      - The TLS certificate that the load balancer shall have. It is found by its domains, whatever its name.
      - It is requested if there is none, and attached in the first run that finds it issued. Until then, the load balancer
        works without TLS, or with the certificate that it has.
      - A certificate that failed, timed out, expired or was revoked is replaced by one under the next free name (V(example-tls-2),
        V(example-tls-3) and so on).
    type: dict
    suboptions:
      name:
        description: The name for a new one. By default, it is O(name) followed by C(-tls).
        type: str
      domain:
        description: The main domain.
        type: str
        required: true
      alternative_names:
        description: Up to nine more domains.
        type: list
        elements: str
        default: []
      replace_days:
        description:
          - How many days (at most 60) before its end a certificate gets a successor, which is attached in the first run that finds it issued.
          - AWS renews certificates long before that by itself, while their records are in DNS. V(0) means never.
        type: int
        default: 14
  wait_for_certificate:
    description:
      - Whether to wait until the certificate is issued and attached. The validation records have to be in DNS by then.
      - If V(false), a pending certificate is reported in RV(load_balancer.certificate_status) and the module goes on.
    type: bool
    default: false
  https_redirect:
    description:
      - Whether visitors who come over HTTP are sent to HTTPS.
      - It is switched on in the first run in which a certificate is attached; RV(load_balancer.https_redirect_pending) tells.
    type: bool
  tls_policy:
    description:
      - The name of the TLS policy, for example V(TLS-FS-1-2-Res-2019-08).
      - It is set in the first run in which a certificate is attached.
    type: str
  wait_for_healthy:
    description: Whether to wait until all targets are healthy. Needs O(wait=true).
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_lb_info
  - module: cloudpress.lightsail.lightsail_dns_record
  - name: API of load balancer creation
    description: CreateLoadBalancer in the Lightsail API reference.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateLoadBalancer.html
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Have a load balancer in front of two web nodes
  cloudpress.lightsail.lightsail_lb:
    name: example-lb
    health_check_path: /healthz
    targets: [example-web-1, example-web-2]
    session_stickiness: true
    certificate:
      domain: example.com
      alternative_names: [www.example.com]
    https_redirect: true
    tags:
      cloudpress:site: example
  register: lb

- name: Set the records that prove whose domains they are
  cloudpress.lightsail.lightsail_dns_record:
    zone: example.com
    name: "{{ item.name }}"
    type: "{{ item.type }}"
    value: "{{ item.value }}"
  loop: "{{ lb.load_balancer.validation_records }}"

- name: Replace a web node without a visitor noticing
  cloudpress.lightsail.lightsail_lb:
    name: example-lb
    targets: [example-web-1, example-web-3]
    wait_for_healthy: true

- name: Delete the load balancer and its certificates
  cloudpress.lightsail.lightsail_lb:
    name: example-lb
    state: absent
"""

RETURN = r"""
load_balancer:
  description: The load balancer; V(null) when it is absent. In check mode, what only AWS knows is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-lb
    dns_name:
      description: Its host name, to which an alias record can point.
      type: str
      sample: 2a6f1c0e9d8b4c7aa1b2c3d4e5f60718-1184263759.eu-central-1.elb.amazonaws.com
    state:
      description: Its state.
      type: str
      sample: active
    protocol:
      description: V(HTTP), or V(HTTP_HTTPS) once a certificate is attached.
      type: str
      sample: HTTP_HTTPS
    instance_port:
      description: The port of the targets.
      type: int
      sample: 80
    health_check_path:
      description: What is asked for to find out whether a target is healthy.
      type: str
      sample: /healthz
    targets:
      description: The attached instances, sorted, without those that are being removed.
      type: list
      elements: str
      sample: [example-web-1, example-web-2]
    instance_health_summary:
      description: How each target is.
      type: list
      elements: dict
      sample: [{"instance_name": "example-web-1", "instance_health": "healthy"}]
    session_stickiness:
      description: Whether visitors stay with one target.
      type: bool
      sample: true
    cookie_seconds:
      description: For how long they do.
      type: int
      sample: 86400
    https_redirection_enabled:
      description: Whether HTTP is redirected to HTTPS.
      type: bool
      sample: false
    https_redirect_pending:
      description: Whether O(https_redirect) is wanted and waits for a certificate.
      type: bool
      sample: true
    tls_policy_name:
      description: The TLS policy.
      type: str
      sample: TLS-2016-08
    certificate_name:
      description: The certificate for the domains of O(certificate), or the attached one; V(null) if there is none.
      type: str
      sample: example-lb-tls
    certificate_status:
      description: Its status.
      type: str
      sample: PENDING_VALIDATION
    certificate_attached:
      description: Whether it is the one in use.
      type: bool
      sample: false
    certificate_not_after:
      description: When it ends.
      type: str
      sample: null
    certificate_renewal_status:
      description: How AWS's own renewal of it goes, when there is one.
      type: str
      sample: null
    certificate_successor:
      description: The name of the certificate that will take its place because it is about to end.
      type: str
      sample: null
    validation_records:
      description: The DNS records that it needs, also for its renewals; an empty list where check mode predicts a request.
      type: list
      elements: dict
      sample:
        - name: _3639ac514e785e898d2646601fa951d5.example.com.
          type: CNAME
          value: _98d2646601fa951d53639ac514e785e8.abcdefghij.acm-validations.aws.
          domain_name: example.com
          status: PENDING_VALIDATION
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:lightsail:eu-central-1:123456789012:LoadBalancer/1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1
    support_code:
      description: Code to tell AWS support.
      type: str
      sample: 123456789012/example
    created_at:
      description: When it was created.
      type: str
      sample: '2026-11-24T05:12:31.402000+00:00'
    location:
      description: Its region; there is no zone.
      type: dict
      sample: {availability_zone: all, region_name: eu-central-1}
    resource_type:
      description: The kind of resource.
      type: str
      sample: LoadBalancer
    public_ports:
      description: The ports on which it serves.
      type: list
      elements: int
      sample: [80, 443]
    tls_certificate_summaries:
      description: Its certificates, and which one is attached.
      type: list
      elements: dict
      sample: [{name: example-lb-tls, is_attached: true}]
    ip_address_type:
      description: The kinds of addresses.
      type: str
      sample: dualstack
    tags:
      description: Its tags.
      type: dict
      sample: {"cloudpress:site": "example"}
actions:
  description: The mutating API calls that were made, in order.
  returned: success
  type: list
  elements: str
  sample: [CreateLoadBalancer, AttachInstancesToLoadBalancer, CreateLoadBalancerTlsCertificate]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._certificates import REPLACE_DAYS, check_days
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import AwsFailure, LightsailModule, same_set
from ansible_collections.cloudpress.lightsail.plugins.module_utils._load_balancers import (
    LoadBalancerTls,
    attached_targets,
    configuration,
    health_words,
    represent_load_balancer,
    target_health,
)
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

DEFAULT_PORT = 80


class LoadBalancer(Resource):
    kind = "load balancer"
    unknown = ("arn", "dns_name", "created_at", "support_code")
    leaving = ()  # targets that this run detaches
    options = (
        Option("instance_port", "instancePort", immutable=True, hint="delete the load balancer first"),
        Option("health_check_path", "healthCheckPath", apply="change_attributes"),
        Option("session_stickiness", lambda raw: configuration(raw)["session_stickiness"], apply="change_attributes"),
        Option("cookie_seconds", lambda raw: configuration(raw)["cookie_seconds"], apply="change_attributes"),
        Option("ip_address_type", "ipAddressType", apply="change_ip_address_type"),
        Option("targets", attached_targets, wanted=lambda r: r.wanted_targets(), same=same_set, apply="change_targets"),
    )
    attributes = (
        ("health_check_path", "HealthCheckPath", str),
        ("session_stickiness", "SessionStickinessEnabled", lambda value: str(value).lower()),
        ("cookie_seconds", "SessionStickiness_LB_CookieDurationSeconds", str),
    )

    def __init__(self, module):
        super().__init__(module)
        self.found = None
        self.tls = LoadBalancerTls(self)

    def read(self):
        answer = self.call("GetLoadBalancer", loadBalancerName=self.name, missing_ok=True)
        self.found = answer and answer["loadBalancer"]
        return self.found

    def check_wishes(self, current):
        if self.params["certificate"]:
            check_days("certificate.replace_days", self.tls.days, self.fail)
        path, seconds = self.params["health_check_path"], self.params["cookie_seconds"]
        if path is not None and not path.startswith("/"):
            self.fail("health_check_path is '%s', but has to begin with '/'." % path)
        if seconds is not None and not 1 <= seconds <= 604800:
            self.fail("cookie_seconds is %d, but has to be between 1 and 604800." % seconds)
        self.check_tls_policy(current)

    def check_tls_policy(self, current):
        """It is set only once a certificate is attached; that it does not exist is known now."""
        wanted = self.params["tls_policy"]
        if wanted is None or (current is not None and configuration(current)["tls_policy"] == wanted):
            return
        known = sorted(policy["name"] for policy in self.call_all("GetLoadBalancerTlsPolicies", "tlsPolicies"))
        if wanted not in known:
            self.fail("tls_policy is %r, but AWS has no such TLS policy; there are %s." % (wanted, ", ".join(known)))

    def ready(self, current):
        if current["state"] == "failed":
            self.fail("The load balancer %s is in state failed." % self.name, load_balancer=self.represent(current))
        health = target_health(current)
        draining = [name for name in self.leaving if name in health and health[name][0] == "draining"]
        return current["state"] in ("active", "active_impaired") and not draining

    def represent(self, current):
        return represent_load_balancer(current, self.tls) if current is not None else None

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        if current is None:
            predicted.update(state="active", protocol="HTTP", instance_port=self.params["instance_port"] or DEFAULT_PORT)
            predicted.setdefault("health_check_path", "/")
            predicted.setdefault("targets", [])
            predicted.setdefault("tags", {})
        if "targets" in changes:
            before = {item["instance_name"]: item for item in predicted.get("instance_health_summary") or []}
            predicted["instance_health_summary"] = [
                before.get(name, {"instance_name": name, "instance_health": None}) for name in changes["targets"]
            ]
        predicted.setdefault("instance_health_summary", [])
        return predicted

    # -- the steps

    def present(self):
        super().present()
        shown, diff = self.result[self.result_key], self.result["diff"]
        tls = self.tls.bring_about(self.found)
        if self.params["wait_for_healthy"] and self.params["wait"] and not self.check_mode:
            self.wait_healthy(self.wanted_targets() if self.params["targets"] is not None else None)
        if not self.check_mode:
            shown = self.represent(self.read())
        self.finish(dict(shown, **tls["shown"]), dict(diff["before"], **tls["before"]), dict(diff["after"], **tls["after"]))
        if not diff["before"]:
            self.result["diff"]["before"] = {}

    def create(self):
        self.new(
            "CreateLoadBalancer",
            loadBalancerName=self.name,
            instancePort=self.params["instance_port"] or DEFAULT_PORT,
            # Sent at creation, "/" is refused by some versions of the service although it is the default.
            healthCheckPath=None if self.params["health_check_path"] == "/" else self.params["health_check_path"],
            ipAddressType=self.params["ip_address_type"],
            tags=self.tag_list(),
        )

    def change_attributes(self, current, changes):
        for option, attribute, written in self.attributes:
            if option in changes:
                self.set_attribute(attribute, written(changes[option]))

    def prepare_update(self, current, changes):
        # Attributes and tags are not known to need a load balancer that is ready; what is refused is tried again when it is.
        if set(changes) <= {"tags"} | {option for option, dummy, dummy2 in self.attributes}:
            return current
        return super().prepare_update(current, changes)

    def set_attribute(self, attribute, value):
        request = dict(loadBalancerName=self.name, attributeName=attribute, attributeValue=value)
        try:
            self.act("UpdateLoadBalancerAttribute", **request)
        except AwsFailure:
            if self.ready(self.read()):
                raise
            self.settle(force=True)
            self.act("UpdateLoadBalancerAttribute", **request)

    def change_ip_address_type(self, current, changes):
        self.act("SetIpAddressType", resourceType="LoadBalancer", resourceName=self.name, ipAddressType=changes["ip_address_type"])

    def delete(self, current):
        self.act("DeleteLoadBalancer", loadBalancerName=self.name, missing_ok=True)

    # -- targets

    def wanted_targets(self):
        listed = self.params["targets"]
        if listed is None or self.params["purge_targets"]:
            return listed if listed is None else sorted(set(listed))
        return sorted(set(listed) | set(attached_targets(self.found or {})))

    def change_targets(self, current, changes):
        present = attached_targets(current)
        missing = [name for name in changes["targets"] if name not in present]
        surplus = [name for name in present if name not in changes["targets"]]
        if missing:
            self.wait_drained([name for name in missing if name in target_health(current)])
            self.wait_running(missing)
            self.act("AttachInstancesToLoadBalancer", loadBalancerName=self.name, instanceNames=missing)
        if surplus:
            if missing and self.params["wait_for_healthy"] and self.params["wait"]:
                self.wait_healthy(changes["targets"])
            # The operation ends when the connections are drained, after about 300 seconds. Its answer may be lost, so ready() looks too.
            self.leaving = surplus
            self.act("DetachInstancesFromLoadBalancer", loadBalancerName=self.name, instanceNames=surplus)

    def wait_drained(self, names):
        def check():
            health = target_health(self.read() or {})
            return not set(names) & set(health), health_words(health, names)

        if names:
            self.module.poll(check, "%s to be drained from the load balancer %s" % (", ".join(names), self.name))

    def wait_running(self, names):
        """Only running instances can be attached."""
        for name in names:

            def check(name=name):
                instance = self.call("GetInstance", instanceName=name, subject=name)["instance"]
                state = instance["state"]["name"]
                if state in ("stopped", "stopping", "shutting-down", "terminated"):
                    self.fail("The instance %s is %s; only running instances can be attached to a load balancer." % (name, state))
                return state == "running", state

            self.module.poll(check, "the instance %s to be running" % name)

    def wait_healthy(self, names):
        def check():
            health = target_health(self.read() or {})
            wanted = health if names is None else names
            return all(health.get(name, ("",))[0] == "healthy" for name in wanted), health_words(health, wanted)

        self.module.poll(check, "the targets of the load balancer %s to be healthy" % self.name)


def main():
    certificate = dict(
        name=dict(type="str"),
        domain=dict(type="str", required=True),
        alternative_names=dict(type="list", elements="str", default=[]),
        replace_days=dict(type="int", default=REPLACE_DAYS),
    )
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            instance_port=dict(type="int"),
            health_check_path=dict(type="str"),
            ip_address_type=dict(type="str", choices=["dualstack", "ipv4", "ipv6"]),
            targets=dict(type="list", elements="str"),
            purge_targets=dict(type="bool", default=True),
            session_stickiness=dict(type="bool"),
            cookie_seconds=dict(type="int"),
            certificate=dict(type="dict", options=certificate),
            wait_for_certificate=dict(type="bool", default=False),
            https_redirect=dict(type="bool"),
            tls_policy=dict(type="str"),
            wait_for_healthy=dict(type="bool", default=False),
        ),
        shapes={
            "name": "ResourceName",
            "instance_port": "Port",
            "health_check_path": "StringMax256",
            "targets": "ResourceName",
            "certificate.name": "ResourceName",
            "tls_policy": "StringMax256",
        },
        tags=True,
        wait=True,
        host_names=["certificate.domain", "certificate.alternative_names"],
        supports_check_mode=True,
    )
    module.run(LoadBalancer(module))


if __name__ == "__main__":
    main()
