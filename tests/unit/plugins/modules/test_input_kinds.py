# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inputs that people really write, by their kind, with generated variants: names, networks, keys, tags, plans and policies.

The kinds of DNS records are in test_record_kinds.py.
"""

from __future__ import annotations

import base64
import itertools
import struct

import botocore.session
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core, _instance, _names
from tests.unit.plugins.modules.scenarios import KEY, SCENARIOS, Stage, module_of
from tests.unit.plugins.modules.specs import MODULES, complete, spec_of

AWS = [name for name in MODULES if spec_of(name).aws]
BLOG = dict(name="case-1", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="nano_3_0")

# -- names -----------------------------------------------------------------------------------------------------------------

DOTTED = "www.case.example"
# A database's name becomes a part of its endpoint's, a bucket's of its address; both have no dots at AWS.
WITH_DOTS = [
    scenario
    for scenario in SCENARIOS
    if not callable(scenario[1]) and spec_of(module_of(scenario)).shapes.get("name") == "ResourceName"
    and "state" not in scenario[1][1] and module_of(scenario) != "lightsail_database"
]


@pytest.mark.parametrize("name", sorted({module_of(scenario) for scenario in WITH_DOTS}))
def test_names_with_dots(lab, cloud, name):
    """As the service allows them: made, found again, tagged and deleted."""
    stage = Stage(lab)
    before, (module, options) = next(scenario for scenario in WITH_DOTS if module_of(scenario) == name)
    stage.prepare((before, None))
    wish = dict(options, name=DOTTED, **({"tags": {"a": "b"}} if "tags" in spec_of(name).options else {}))
    assert lab.run(module, **wish)["changed"] and not lab.run(module, **wish)["changed"]
    if "tags" in wish:
        assert lab.run(module, **dict(wish, tags={"c": "d"}))["changed"]
    gone = dict(name=DOTTED, state="absent", **({"stop_instance": True} if name == "lightsail_disk" else {}))
    assert lab.run(module, **gone)["changed"]


def test_references_to_names_with_dots(lab):
    lab.run("lightsail_key_pair", name="key.of.case", public_key=KEY)
    lab.run("lightsail_instance", **dict(BLOG, name=DOTTED, key_pair_name="key.of.case"))
    lab.run("lightsail_static_ip", name="ip.case", instance_name=DOTTED)
    lab.run("lightsail_disk", name="disk.case", zone="eu-central-1a", size_gb=8, instance_name=DOTTED)
    lab.run("lightsail_lb", name="lb.case", targets=[DOTTED])
    lab.run("lightsail_snapshot", name="snap.case", source=DOTTED)
    found = lab.run("lightsail_instance_info", names=[DOTTED])["instances"]
    assert [instance["name"] for instance in found] == [DOTTED] and found[0]["is_static_ip"]


def test_a_database_has_no_dots_and_the_sentence_says_so(lab):
    for check in (True, False):
        said = lab.fail("lightsail_database", check=check, name="db.case", blueprint_id="mysql_8_0", bundle_id="micro_2_0",
                        database_name="wordpress", master_username="dbmasteruser")
        assert "name is 'db.case'" in said and "letters, digits and hyphens" in said and lab.mutations == []


def test_every_pattern_that_a_module_checks_has_words():
    session = botocore.session.get_session()
    for name in AWS:
        model = session.get_service_model("route53domains" if name.startswith("route53_") else "lightsail")
        for shape in {shape.rstrip("?") for shape in spec_of(name).shapes.values()} & set(model.shape_names):
            rules = model.shape_for(shape).metadata
            assert "pattern" not in rules or rules.get("enum") or shape in _core.PATTERNS, shape


RULED = [("a" * 255, True), ("a" * 256, False), ("a", False), (".a", False), ("a.", False), ("a..b", True), ("1-_.x", True), ("ä-b", False),
         ("a b", False), ("a\n", False), ("a/b", False), ("_a", False)]


@pytest.mark.parametrize(("name", "good"), RULED)
def test_rule_of_resource_names(name, good):
    assert (_core.broken_rule({"pattern": r"\w[\w\-]*\w"}, name, "ResourceName") is None) == good


HOSTS = ["shop.example", "www.shop.example", "xn--mller-kva.example"]
URLS = ["https://%s", "http://%s/", "https://%s:8443/path?x=1#y", "//%s", "%s/", "%s:443", "https://user:secret@%s/wp-admin", "webmaster@%s", "HTTP://%s/index.php"]
UNICODE = [
    ("müller.example", "xn--mller-kva.example"),
    ("www.MÜLLER.example.", "www.xn--mller-kva.example"),
    ("mu\u0308ller.example", "xn--mller-kva.example"),
    ("straße.example", "xn--strae-oqa.example"),
    ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
    ("пример.example", "xn--e1afmkfd.example"),
    ("https://müller.example/shop", "xn--mller-kva.example"),
]


@pytest.mark.parametrize(("given", "meant"), [(url % host, host) for url, host in itertools.product(URLS, HOSTS)] + UNICODE)
def test_what_was_meant_is_said(given, meant):
    said = _names.name_mistake("name", given)
    assert repr(given) in said and repr(meant) in said
    assert _names.name_mistake("name", meant) is None


@pytest.mark.parametrize("name", ["shop.example", "*.shop.example", "@", "_dmarc.shop.example", "\\052.shop.example", "shop.example.", "10-0-0-1.shop.example"])
def test_names_that_are_right_are_left_alone(name):
    assert _names.name_mistake("name", name) is None


# The options that hold host names.
HOST_OPTIONS = {
    "lightsail_certificate": ["domain", "alternative_names"],
    "lightsail_certificate_info": ["domain"],
    "lightsail_dns_record": ["zone", "name"],
    "lightsail_dns_record_info": ["zone", "name"],
    "lightsail_dns_zone": ["name"],
    "lightsail_dns_zone_info": ["names"],
    "lightsail_lb": ["certificate.domain", "certificate.alternative_names"],
    "route53_domain": ["name", "name_servers"],
    "route53_domain_info": ["names"],
}


@pytest.mark.parametrize(("given", "meant"), [("https://shop.example/", "shop.example"), ("müller.example", "xn--mller-kva.example")])
@pytest.mark.parametrize("name", HOST_OPTIONS)
def test_every_option_for_a_host_name_says_it(modules, cloud, name, given, meant):
    for option in HOST_OPTIONS[name]:
        value = {"name": given, "domain": given, "zone": given}.get(option.split(".")[-1], [given])
        path = option.split(".")
        options = {path[0]: {"domain": "shop.example", path[1]: value} if len(path) > 1 else value}
        said = modules(name, fails=True, **complete(spec_of(name).options, spec_of(name).rules, options))["msg"]
        assert f"{option} is" in said and repr(meant) in said and cloud.calls() == [], said


# -- lists that are there and empty -------------------------------------------------------------------------------------------

SOURCES = _instance.SOURCES
NOBODY = [dict(zip(SOURCES, lists)) for lists in itertools.product((None, []), repeat=3) if any(item is not None for item in lists)]


@pytest.mark.parametrize("lists", NOBODY)
def test_empty_lists_of_networks_never_mean_everybody(lab, lists):
    lab.run("lightsail_instance", **BLOG)
    rule = {name: value for name, value in lists.items() if value is not None}
    for check in (True, False):
        said = lab.fail("lightsail_instance", name="case-1", check=check, public_ports=[dict(rule, from_port=22)])
        assert "nobody" in said and "tcp 22" in said and lab.mutations == []
    said = lab.fail("lightsail_instance", **dict(BLOG, name="case-2", public_ports=[dict(rule, from_port=22)]))
    assert "nobody" in said and lab.mutations == []


def test_an_empty_list_beside_another_source_is_that_source_only(lab):
    lab.run("lightsail_instance", **BLOG)
    wish = dict(name="case-1", public_ports=[{"from_port": 22, "cidrs": [], "ipv6_cidrs": ["2001:db8::/48"]}])
    assert lab.run("lightsail_instance", **wish)["changed"] and not lab.run("lightsail_instance", **wish)["changed"]
    (rule,) = lab.cloud.client().get_instance_port_states(instanceName="case-1")["portStates"]
    assert (rule["cidrs"], rule["ipv6Cidrs"]) == ([], ["2001:db8::/48"])


# What is there, then the list; whoever names nothing gets nothing.
def lists_of_info_modules():
    for name in AWS:
        if name.endswith("_info") and name != "lightsail_site_info":  # that one describes a site
            yield from ((name, option) for option, spec in spec_of(name).options.items() if spec.get("type") == "list")


@pytest.mark.parametrize(("name", "option"), list(lists_of_info_modules()))
def test_an_empty_list_of_names_finds_nothing(lab, name, option):
    stage = Stage(lab)
    own = name[: -len("_info")]
    before, run = next(scenario for scenario in SCENARIOS if module_of(scenario) == own and not callable(scenario[1]))
    if own == "lightsail_snapshot":
        run = (own, dict(name="snap-1", source="web-1"))
    stage.prepare((before, None))
    stage.run(run)
    found = lab.run(name)
    key = next(key for key, value in found.items() if isinstance(value, list))
    assert found[key] != [] and lab.run(name, **{option: []})[key] == []


# -- firewall ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["all", "-1"])
def test_all_protocols_read_back_in_either_spelling(lab, spelling):
    """The service puts `all` and tells `-1`."""
    lab.run("lightsail_instance", **BLOG)
    wish = dict(name="case-1", public_ports=[{"protocol": "all", "cidrs": ["203.0.113.0/24"]}])
    assert lab.run("lightsail_instance", **wish)["changed"]
    with lab.cloud.daemon.cloud.lock:
        (rule,) = lab.cloud.daemon.cloud.find("Instance", lab.cloud.region, "case-1")["ports"]
        rule.update(protocol=spelling, **({"fromPort": -1, "toPort": -1} if spelling == "-1" else {}))
    assert not lab.run("lightsail_instance", **wish)["changed"] and not lab.run("lightsail_instance", check=True, **wish)["changed"]
    assert lab.run("lightsail_instance", **dict(wish, public_ports=[{"protocol": "all", "cidrs": ["203.0.113.0/25"]}]))["changed"]


@pytest.mark.parametrize("spelling", ["TCP", "Udp", "ICMP", "ALL"])
def test_protocols_in_upper_case_are_the_same(spelling):
    rule = dict(from_port=8, to_port=8, cidrs=["203.0.113.0/24"])
    assert _instance.normal_ports([dict(rule, protocol=spelling)]) == _instance.normal_ports([dict(rule, protocol=spelling.lower())])


@pytest.mark.parametrize("protocol", ["icmp", "icmpv6"])
@pytest.mark.parametrize(("given", "sent"), [
    ({"from_port": 8}, (8, -1)), ({"from_port": 128}, (128, -1)), ({"from_port": -1}, (-1, -1)), ({"from_port": 3, "to_port": 4}, (3, 4)),
    ({"from_port": 8, "to_port": 0}, (8, 0)), ({"from_port": 8, "to_port": -1}, (8, -1)),
])
def test_icmp_without_a_code_means_all_codes(lab, protocol, given, sent):
    lab.run("lightsail_instance", **BLOG)
    wish = dict(name="case-1", public_ports=[dict(given, protocol=protocol)])
    assert lab.run("lightsail_instance", **wish)["changed"] and not lab.run("lightsail_instance", **wish)["changed"]
    (rule,) = lab.cloud.client().get_instance_port_states(instanceName="case-1")["portStates"]
    assert (rule["fromPort"], rule["toPort"], rule["protocol"]) == (*sent, protocol)


@pytest.mark.parametrize("given", [{"from_port": 300}, {"from_port": 8, "to_port": 256}])
def test_icmp_types_that_do_not_exist(lab, given):
    lab.run("lightsail_instance", **BLOG)
    assert "must be from 0 to 255" in lab.fail("lightsail_instance", name="case-1", public_ports=[dict(given, protocol="icmp")])
    assert lab.mutations == []


# -- keys --------------------------------------------------------------------------------------------------------------------


def line(key):
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


def made_up(kind):
    """A line of a kind that nothing here can make: the service looks at the kind, and so does the module."""
    raw = kind.encode()
    return "%s %s" % (kind, base64.b64encode(struct.pack(">I", len(raw)) + raw + struct.pack(">I", 4) + b"key!").decode())


REFUSED_KEYS = [line(ec.generate_private_key(curve)) for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())] + [
    made_up(kind) for kind in ("ssh-dss", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", "ssh-ed25519-cert-v01@openssh.com")
]


@pytest.mark.parametrize("public", REFUSED_KEYS, ids=lambda public: public.split()[0])
def test_keys_that_ec2_does_not_import_are_refused_before_the_call(lab, public):
    for check in (True, False):
        said = lab.fail("lightsail_key_pair", check=check, name="case", public_key=public)
        assert public.split()[0] in said and "RSA or an ED25519" in said and lab.mutations == []
    # It is in nobody's way when the pair is to go.
    assert not lab.run("lightsail_key_pair", name="case", public_key=public, state="absent")["changed"]


@pytest.mark.parametrize("key", [ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)], ids=["ed25519", "rsa"])
def test_keys_that_ec2_imports(lab, key):
    wish = dict(name="case", public_key=line(key) + " me@example.com")
    assert lab.run("lightsail_key_pair", **wish)["changed"] and not lab.run("lightsail_key_pair", **wish)["changed"]


# -- tags --------------------------------------------------------------------------------------------------------------------

BAD_TAGS = {
    "reserved": {"aws:new": "1"},
    "reserved, in capitals": {"AWS:new": "1"},
    "no key": {"": "1"},
    "long key": {"k" * 129: "1"},
    "long value": {"k": "v" * 257},
    "strange character": {"k": "a<b"},
    "line end": {"k": "a\nb"},
    "too many": {"k%d" % number: "1" for number in range(51)},
}


@pytest.mark.parametrize("kind", BAD_TAGS)
def test_tags_that_cannot_be_set_cost_no_other(lab, kind):
    old = {"keep": "1", "old": "1"}
    lab.run("lightsail_instance", **BLOG, tags=old)
    for check in (True, False):
        said = lab.fail("lightsail_instance", name="case-1", check=check, tags=dict({"keep": "1"}, **BAD_TAGS[kind]))
        assert "tags" in said and lab.mutations == []
        assert "tags" in lab.fail("lightsail_instance", check=check, **dict(BLOG, name="case-2", tags=BAD_TAGS[kind])) and lab.mutations == []
    assert lab.run("lightsail_instance_info", names=["case-1"])["instances"][0]["tags"] == old


def tagged_modules():
    for before, run in SCENARIOS:
        if not callable(run) and set(run[1]) >= {"tags"} and run[1]["tags"] == {} and not run[1].get("state") == "absent":
            yield before, run


@pytest.mark.parametrize("scenario", list(tagged_modules()), ids=module_of)
def test_new_tags_are_set_before_old_ones_go(lab, scenario):
    stage = Stage(lab)
    stage.prepare(scenario)
    module, options = scenario[1]
    actions = stage.run((module, dict(options, tags={"new": "1"})))["actions"]
    assert [action for action in actions if "tag" in action.lower()] in (["TagResource", "UntagResource"], ["UpdateTagsForDomain", "DeleteTagsForDomain"])


def test_tags_stay_when_aws_refuses_new_ones(lab):
    lab.run("lightsail_instance", **BLOG, tags={"old": "1"})
    lab.cloud.fault("TagResource", "InvalidInputException")
    lab.fail("lightsail_instance", name="case-1", tags={"new": "1"})
    assert lab.run("lightsail_instance_info", names=["case-1"])["instances"][0]["tags"] == {"old": "1"}


@pytest.mark.parametrize("fails", [False, True])
def test_fifty_tags_change_to_fifty_others(lab, fails):
    """There is no room for both; what goes first comes back when AWS refuses."""
    old, new = ({"%s%02d" % (letter, number): "1" for number in range(50)} for letter in "ab")
    lab.run("lightsail_instance", **BLOG, tags=old)
    if fails:
        lab.cloud.fault("TagResource", "InvalidInputException")
        lab.fail("lightsail_instance", name="case-1", tags=new)
    else:
        lab.run("lightsail_instance", name="case-1", tags=new)
    assert lab.run("lightsail_instance_info", names=["case-1"])["instances"][0]["tags"] == (old if fails else new)


# -- what the catalogue tells ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["TLS-1-3", "tls-2016-08", "TLS-2016-8", "ELBSecurityPolicy-TLS13-1-2-2021-06"])
def test_a_tls_policy_that_does_not_exist(lab, policy):
    for check in (True, False):
        said = lab.fail("lightsail_lb", check=check, name="case-lb", tls_policy=policy)
        assert f"tls_policy is '{policy}'" in said and "TLS-2016-08" in said and lab.mutations == []
    lab.run("lightsail_lb", name="case-lb", tls_policy="TLS-2016-08")
    assert repr(policy) in lab.fail("lightsail_lb", name="case-lb", tls_policy=policy) and lab.mutations == []


DATABASE = dict(name="case-db", blueprint_id="mysql_8_0", bundle_id="micro_2_0", database_name="wordpress", master_username="dbmasteruser")
UNKNOWN = [
    ("lightsail_instance", BLOG, "zone", "eu-central-1z"),
    ("lightsail_instance", BLOG, "zone", "eu-west-3a"),
    ("lightsail_instance", BLOG, "blueprint_id", "wordpres_ls_1_0"),
    ("lightsail_instance", BLOG, "blueprint_id", "wordpress"),
    ("lightsail_instance", BLOG, "bundle_id", "nano_3_9"),
    ("lightsail_instance", BLOG, "bundle_id", "micro_win_3_0"),
    ("lightsail_database", DATABASE, "zone", "eu-central-1z"),
    ("lightsail_database", DATABASE, "blueprint_id", "mysql_4_0"),
    ("lightsail_database", DATABASE, "bundle_id", "nano_3_0"),
    ("lightsail_disk", dict(name="case-disk", zone="eu-central-1a", size_gb=8), "zone", "eu-central-1z"),
    ("lightsail_bucket", dict(name="case-media-7f3a"), "bundle_id", "tiny_1_0"),
]


@pytest.mark.parametrize(("module", "options", "option", "value"), UNKNOWN)
def test_check_mode_refuses_what_the_run_refuses(lab, module, options, option, value):
    assert lab.run(module, check=True, **options)["changed"] and lab.mutations == []
    said = lab.fail(module, check=True, **dict(options, **{option: value}))
    assert option in said and repr(value) in said and lab.mutations == []
    lab.fail(module, **dict(options, **{option: value}))


def test_check_mode_refuses_another_plan_that_does_not_exist(lab):
    lab.run("lightsail_bucket", name="case-media-7f3a")
    lab.run("lightsail_cdn", name="case-cdn", origin={"name": "case-media-7f3a"})
    for module, name in (("lightsail_bucket", "case-media-7f3a"), ("lightsail_cdn", "case-cdn")):
        for check in (True, False):
            said = lab.fail(module, check=check, name=name, bundle_id="medium_9_0")
            assert "medium_9_0" in said


def test_check_mode_needs_no_right_to_see_the_catalogue(lab):
    for operation in ("GetRegions", "GetBlueprints", "GetBundles"):
        lab.cloud.fault(operation, "AccessDeniedException")
    assert lab.run("lightsail_instance", check=True, **BLOG)["changed"]
