# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every rule that a user can break, broken: one sentence that names option, value and rule, and nothing was changed.

The rules come from the argument specifications and from botocore's model, not from a list here. That a module checks each shape that
its calls are bound to is seen from what it sends in scenarios.py.
"""

from __future__ import annotations

import importlib
import inspect

import boto3
import botocore.session
import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core, _resource
from tests.unit.plugins.modules.scenarios import KEY, OTHER_KEY, SCENARIOS, Stage, module_of
from tests.unit.plugins.modules.specs import MODULES, PREFIX, complete, sample, spec_of

AWS = [name for name in MODULES if spec_of(name).aws]
WRONG = {"int": "many", "float": "many", "bool": "maybe", "dict": "nonsense", "list": {"a": 1}}
HIDDEN = "(hidden)"  # what the log of calls shows of secrets
STRANGE = ["", " ", "-", "a b", "-a", "ü", "a" * 300, "Ä/ö"]


@pytest.fixture
def refused(modules, cloud, record_property):
    """Run a module that has to refuse; its sentence must have these words in it, and nothing may have been called at all."""

    def run(name, options, *words, called=False):
        result = modules(name, fails=True, **options)
        said = " ".join(result["msg"].split())
        assert "Traceback" not in said and len(said) < 1500
        assert [word for word in words if str(word) not in said] == [], said
        assert cloud.mutating_calls() == [] if called else cloud.calls() == []
        record_property("wrong inputs", 1)
        return said

    return run


# -- argument specifications ---------------------------------------------------------------------------------------------


def broken_options(options, rules, path=()):
    """(values of these options that break one rule, what the sentence must name) for each rule of a specification.

    Something else in the place of suboptions is left out: ansible-core's own answer to that names no option.
    """
    yield complete(options, rules, {"nonsense": 1}), ["nonsense"]
    for name, option in options.items():
        kind = option.get("type") or "str"
        if option.get("required"):
            values = complete(options, rules, {})
            del values[name]
            yield values, [name, "missing required arguments"]
        if option.get("choices"):
            wrong = 99999 if "int" in (kind, option.get("elements")) else "nonsense"
            bad = [wrong] if kind == "list" else wrong
            yield complete(options, rules, {name: bad}), [name, wrong, *option["choices"]]
        elif kind in WRONG and not option.get("options"):
            yield complete(options, rules, {name: WRONG[kind]}), [name, kind]
        if kind == "list" and option.get("elements") in WRONG and not option.get("choices") and not option.get("options"):
            yield complete(options, rules, {name: [WRONG[option["elements"]]]}), [name, option["elements"]]
        if option.get("options"):
            for values, words in broken_options(option["options"], option):
                yield complete(options, rules, {name: [values] if kind == "list" else values}), [*words, name]
    for group in rules.get("mutually_exclusive") or ():
        yield complete(options, rules, {name: sample(options[name]) for name in group}), [*group, "mutually exclusive"]
    for group in rules.get("required_together") or ():
        yield without(complete(options, rules, {group[0]: sample(options[group[0]])}), group[1:]), [*group, "required together"]
    for group in rules.get("required_one_of") or ():
        yield without(complete(options, rules, {}), group), [*group, "one of the following is required"]
    for name, value, others, *any_of in rules.get("required_if") or ():
        for lacking in [others] if any_of == [True] else [[other] for other in others]:
            values = without(complete(options, rules, {name: value}), lacking)
            for group in rules.get("required_one_of") or ():
                values |= {} if set(group) & set(values) else {group[-1]: sample(options[group[-1]])}
            yield values, [name, value, *lacking, "missing"]
    for name, others in (rules.get("required_by") or {}).items():
        yield without(complete(options, rules, {name: sample(options[name])}), others), [name, *others, "required by"]


def without(values, names):
    return {name: value for name, value in values.items() if name not in names}


@pytest.mark.parametrize("name", MODULES)
def test_rules_of_the_specification(refused, name):
    spec = spec_of(name)
    for values, words in broken_options(spec.options, spec.rules):
        refused(name, values, *words)


# -- botocore's model ------------------------------------------------------------------------------------------------------


def breaking(shape):
    """Values that break the pattern, the bounds or the enum of a shape."""
    rules = shape.metadata
    if shape.type_name == "list":
        return [["1"] * (rules["max"] + 1)] if "max" in rules else []
    if shape.type_name in ("integer", "long", "double"):
        return [rules[bound] + step for bound, step in (("min", -1), ("max", 1)) if bound in rules]
    return [value for value in [*STRANGE, "nonsense"] if _core.broken_rule(rules, value, shape.name)]


def at(options, path, value):
    """The options with this value at a path such as public_ports.from_port."""
    name, *rest = path.split(".")
    option = options[name]
    if rest:
        value = at(option["options"], ".".join(rest), value)
        if option["type"] == "list":
            value = [value]
    elif option.get("type") == "list" and not isinstance(value, list):
        value = [value]
    elif isinstance(value, list) and option.get("elements") == "dict":
        value = [sample(dict(option, type="dict"))] * len(value)
    return complete(options, option if rest else {}, {name: value})


@pytest.mark.parametrize("name", AWS)
def test_rules_of_the_model(refused, name):
    spec = spec_of(name)
    model = botocore.session.get_session().get_service_model("route53domains" if name.startswith("route53_") else "lightsail")
    for path, shape_name in spec.shapes.items():
        if shape_name.rstrip("?") not in model.shape_names:
            assert boto3.__version__ == _core.OLDEST_BOTO3, shape_name
            continue  # an older SDK knows neither the rule nor what it is about
        shape = model.shape_for(shape_name.rstrip("?"))
        broken = [value for value in breaking(shape) if not (value == "" and shape_name.endswith("?"))]
        assert broken, "%s has no rule that could be broken" % shape_name
        for value in broken:
            options = complete(spec.options, spec.rules, at(spec.options, path, value))
            words = [] if isinstance(value, list) else [repr(value)]
            said = refused(name, options, "%s is" % path, "it must", *words)
            # In words: nobody has to read the pattern.
            assert shape.metadata.get("pattern", "no pattern") not in said and "\\w" not in said and "a-z0-9" not in said, said


def leaves(value, path=""):
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}" if path else name)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, value


def bound_leaves(value, shape):
    """(value, shape) for what a request has at places where the model has a rule."""
    if shape.type_name == "structure" and value != HIDDEN:
        for name, item in value.items():
            yield from bound_leaves(item, shape.members[name])
    elif shape.type_name == "list" and value != HIDDEN:
        for item in value:
            yield from bound_leaves(item, shape.member)
    elif {"pattern", "min", "max", "enum"} & set(shape.metadata):
        yield value, shape


@pytest.mark.parametrize("name", sorted({module_of(scenario) for scenario in SCENARIOS}))
def test_each_shape_that_a_request_is_bound_to_is_checked(lab, cloud, name):
    stage, spec = Stage(lab), spec_of(name)
    session = botocore.session.get_session()
    models = {service: session.get_service_model(service) for service in ("lightsail", "route53domains")}
    unchecked = set()
    for scenario in SCENARIOS:
        if module_of(scenario) != name or callable(scenario[1]):
            continue
        cloud.admin("reset")
        stage.prepare(scenario)
        cloud.forget_calls()
        lab.modules._seen = 0
        stage.run(scenario[1])
        options = [(path, value) for path, value in leaves(scenario[1][1]) if path.split(".")[0] != "tags"]
        for call in cloud.calls():
            shape = models[call["service"]].operation_model(call["operation"]).input_shape
            for sent, bound in bound_leaves(call["parameters"], shape) if shape else ():
                for path, value in options:
                    choices = (spec.options.get(path) or {}).get("choices") or path in spec.shapes
                    # The model binds names in TagResource to a pattern that the name of a zone, a domain name, cannot obey.
                    zone = name == "lightsail_dns_zone" and call["operation"].endswith("agResource")
                    if value == sent and not isinstance(value, bool) and len(str(value)) > 1 and not choices and not zone:
                        unchecked.add((path, bound.name, call["operation"]))
    # Sub-options with choices are not at the top of the specification.
    assert {item for item in unchecked if not sub_choices(spec.options, item[0])} == set()


def sub_choices(options, path):
    name, *rest = path.split(".")
    option = options.get(name) or {}
    return sub_choices(option.get("options") or {}, ".".join(rest)) if rest else option.get("choices")


# -- regions and states ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in AWS if name != "route53_domain"])
def test_a_region_that_does_not_exist(refused, name):
    spec = spec_of(name)
    if "GLOBAL_REGION" in inspect.getsource(importlib.import_module(PREFIX + name)):
        pytest.skip("what it manages is in us-east-1 whatever the region")
    refused(name, complete(spec.options, spec.rules, {"region": "mars-north-1"}), "region is 'mars-north-1'", "eu-central-1", called=True)


CREATIONS = [scenario for scenario in SCENARIOS if not (scenario[0] or callable(scenario[1])) and module_of(scenario) != "route53_domain"]


def resource_of(name):
    """The class behind a module."""
    module = importlib.import_module(PREFIX + name)
    classes = (item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__)
    return next(item for item in classes if issubclass(item, _resource.Resource))


@pytest.mark.parametrize("scenario", CREATIONS, ids=module_of)
def test_a_creation_lacks_what_it_needs(refused, scenario):
    name, options = scenario[1]
    for option in resource_of(name).required_to_create:
        said = refused(name, without(options, [option]), option, called=True)
        assert "cannot be created without" in said or "missing" in said


@pytest.mark.parametrize("scenario", CREATIONS, ids=module_of)
def test_what_cannot_be_changed(lab, cloud, record_property, scenario):
    """Another value for each option that AWS cannot change afterwards: a sentence with both values."""
    name, options = scenario[1]
    lab.run(name, **options)
    resource = resource_of(name)
    blank = object.__new__(resource)  # some know their options from their parameters
    blank.params = dict.fromkeys(spec_of(name).options)
    for option in blank.options:
        value = options.get(option.name)
        if not option.immutable or not isinstance(value, (str, int)):
            continue
        if value == KEY:
            other = OTHER_KEY
        else:
            other = value + 1 if isinstance(value, int) else value[:-1] + ("b" if value[-1] != "b" else "c")
        said = lab.fail(name, **dict(options, **{option.name: other}))
        assert "%s is" % option.name in said and "wanted" in said, said
        assert lab.mutations == []
        record_property("wrong inputs", 1)
