# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module that manages a resource at AWS has in common. Private to the collection; may change at any time.

* `Option`: one option of a resource, what the API has for it, how the two are compared. It feeds `changed` and the diff.
* `Resource`: read, compare, act, read again. A module of a resource is documentation, an argument spec and a subclass.

A complete module (without its documentation)::

    from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule
    from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

    class Disk(Resource):
        kind = "disk"                                   # the word for messages, and the key of the result
        options = (
            Option("size_gb", "sizeInGb", immutable=True),     # drift is an error that names current and wanted
            Option("path", "path", apply="move"),              # drift calls self.move(current, changes)
        )
        unknown = ("arn", "created_at")                 # what only AWS knows: null in the prediction of a create
        required_to_create = ("zone", "size_gb")        # one clear sentence when they are missing

        def read(self):                                 # the resource as the API gives it, or None
            answer = self.call("GetDisk", diskName=self.name, missing_ok=True)
            return answer and answer["disk"]

        def ready(self, current):                       # True: done; False: ask again; self.fail(): it never will be
            if current["state"] == "error":
                self.fail("The disk %s is in state error." % self.name)
            return current["state"] in ("available", "in-use")

        def create(self):                               # `new`: a repeated name is adopted if it is ours (lost answers)
            self.new("CreateDisk", diskName=self.name, availabilityZone=self.params["zone"],
                     sizeInGb=self.params["size_gb"], tags=self.tag_list())

        def move(self, current, changes):               # changes: {option name: wanted value}
            self.act("MoveDisk", diskName=self.name, path=changes["path"])   # act: mutating; waits for all operations

        def delete(self, current):
            self.act("DeleteDisk", diskName=self.name, missing_ok=True)

    def main():
        module = LightsailModule(
            argument_spec=dict(
                name=dict(type="str", required=True),
                state=dict(type="str", choices=["present", "absent"], default="present"),
                zone=dict(type="str"), size_gb=dict(type="int"), path=dict(type="str"),
            ),
            tags=True, wait=True, supports_check_mode=True,      # tags/purge_tags and wait/wait_timeout come with these
        )
        module.run(Disk(module))                        # state X calls Disk.X(); present() and absent() are inherited
"""

from __future__ import annotations

import datetime
import time

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import (
    LEAVING,
    MOST_TAGS,
    PASSING_SECONDS,
    AwsFailure,
    Failure,
    compare_tags,
    has_tags,
    snake,
    tag_dict,
    tag_list,
    tag_text,
)


class Option:
    """One option of a resource, and the only place that says how it is compared.

    name: the option. read: member of the API's answer, or a function of it (and, when it takes two, of the resource).
    wanted: function of the resource; default is the option's value; None always means "hands off".
    same: function(current, wanted); immutable: drift is an error, `hint` says what to do about it.
    apply: method of the resource that changes it, called once as method(current, changes) for all options that name it.
    key: key in the result, for predictions; secret: masked in the diff; show: function that makes a value readable in a diff.
    """

    def __init__(
        self, name, read=None, wanted=None, same=None, immutable=False, hint="", apply=None, key=None, secret=False, show=None
    ):
        self.name, self.same, self.immutable, self.hint, self.apply, self.secret = name, same, immutable, hint, apply, secret
        self._read, self._wanted, self._show = read, wanted, show
        self.key = key or (next(iter(camel_dict_to_snake_dict({read: None}))) if isinstance(read, str) else name)

    def current(self, raw):
        if callable(self._read):
            return self._read(raw)
        return raw.get(self._read) if self._read else None

    def wanted(self, resource):
        return self._wanted(resource) if self._wanted else resource.params.get(self.name)

    def equal(self, current, wanted):
        return self.same(current, wanted) if self.same else current == wanted

    def shown(self, value):
        if self.secret and value is not None:
            return "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
        return self._show(value) if self._show and value is not None else value


class Resource:
    """Something at AWS that a module manages. See the module docstring for a complete example."""

    kind = "resource"  # word for messages
    key = None  # key of the result; default: kind with underscores
    name_option = "name"
    service = "lightsail"
    region = None  # GLOBAL_REGION for what lives only there
    options = ()
    unknown = ()
    required_to_create = ()
    taggable = True

    def __init__(self, module):
        self.module = module
        self.params = module.params
        self.name = module.params.get(self.name_option)
        self.check_mode = module.check_mode
        self.actions = []
        self.changed = False
        self.result = {}
        self._read_at = None

    # -- for subclasses to write

    def read(self):
        """The resource as the API gives it, or None."""
        raise NotImplementedError

    def create(self):
        raise NotImplementedError

    def delete(self, current):
        raise NotImplementedError

    def ready(self, current):
        """True when nothing is under way; call fail() in a state that never gets there."""
        return True

    def state_of(self, current):
        """The state, in words for messages about waits."""
        state = current.get("state", current.get("status", "unknown"))
        return state.get("name", state.get("code")) if isinstance(state, dict) else state

    def represent(self, current):
        return snake(current)

    def check_wishes(self, current):
        """Refuse, before anything is changed, what the argument spec cannot refuse. `current` is None before a create."""

    def check_offers(self, new):
        """Called in check mode before a create, or when the plan is to change: refuse what AWS's catalogue does not have."""

    def prepare_update(self, current, changes):
        """Called before the first apply method, and not in check mode. Waits until nothing else is under way."""
        return current if set(changes) <= {"tags"} else self.settle(current, force=True)

    # -- calls

    def call(self, operation, **request):
        request.setdefault("subject", self.name or "")
        return self.module.call(operation, service=self.service, region=self.region, **request)

    def call_all(self, operation, key, **request):
        return self.module.call_all(operation, key, service=self.service, region=self.region, **request)

    def act(self, operation, wait=None, **request):
        """A request that changes something. Waits for all of its operations, unless the user does not want waits."""
        if self.check_mode:
            raise AssertionError("%s must not be called in check mode" % operation)
        answer = self.call(operation, **request)
        self.changed = True
        self.actions.append(operation)
        if answer is not None and (self.params.get("wait", True) if wait is None else wait):
            self.module.wait_operations(answer, region=self.region, subject=self.name)
        return answer

    def new(self, operation, wait=None, **request):
        """Create. There are no idempotency tokens in this API: when an answer is lost, the repetition says "name in use".

        What is found then is adopted only if it is ours: it bears all the tags that this create would have set, or, where
        there are none to compare, it came into being during this very call, whose answer is known to have been lost.
        """
        started = datetime.datetime.now(datetime.timezone.utc)
        try:
            return self.act(operation, wait=wait, **request)
        except AwsFailure as failure:
            if not (failure.name_taken or failure.answer_lost):
                raise
            found = self.read()
            if found is None or not self.is_ours(found, failure, started):
                raise
            self.note_lost(failure)
            return None

    def is_ours(self, found, failure, started):
        wanted = {str(k): tag_text(v) for k, v in (self.params.get("tags") or {}).items()} if self.taggable else {}
        if wanted:
            return has_tags(found, wanted)
        created = found.get("createdAt")
        recent = created is None or created >= started - datetime.timedelta(minutes=5)
        return failure.answer_lost and recent

    def fail(self, msg, **details):
        raise Failure(msg, **details)

    # -- tags

    def tag_list(self):
        """Tags for a create call; None when there are none, because an empty list is not the same to every operation."""
        return tag_list(self.params.get("tags")) or None

    def _tag_option(self):
        def wanted(resource):
            tags = resource.params.get("tags")
            if tags is None:
                return None
            current = resource.current_tags
            to_set, to_remove = compare_tags(current, tags, resource.params.get("purge_tags", True))
            return dict({k: v for k, v in current.items() if k not in to_remove}, **to_set)

        return Option("tags", lambda raw: tag_dict(raw.get("tags")), wanted=wanted, apply="apply_tags")

    def apply_tags(self, current, changes):
        to_set, to_remove = compare_tags(self.current_tags, self.params["tags"], self.params.get("purge_tags", True))
        if to_set:
            self.make_room(current, to_set, to_remove)
            self.set_tags(current, to_set)
        if to_remove:
            self.remove_tags(current, to_remove)

    def make_room(self, current, to_set, to_remove):
        """New tags come before surplus ones go, so that nothing is lost when AWS refuses the new ones; unless there is no room for both."""
        own = [key for key in self.current_tags if not key.startswith("aws:")]
        excess = len(set(own) | set(to_set)) - MOST_TAGS
        if excess <= 0:
            return
        early = to_remove[:excess]
        del to_remove[:excess]
        self.remove_tags(current, early)
        try:
            self.set_tags(current, to_set)
        except AwsFailure:
            self.set_tags(current, {key: self.current_tags[key] for key in early})
            raise
        to_set.clear()

    def set_tags(self, current, tags):
        if tags:
            self.act("TagResource", resourceName=self.tag_name(current), tags=tag_list(tags))

    def remove_tags(self, current, keys):
        if keys:
            self.act("UntagResource", resourceName=self.tag_name(current), tagKeys=keys)

    def check_reserved_tags(self):
        """Tags that AWS set may be listed as they are, but nobody else can set one."""
        to_set = compare_tags(self.current_tags, self.params.get("tags"), False)[0]
        reserved = sorted(key for key in to_set if key.lower().startswith("aws:"))
        if reserved:
            self.fail("tags has %s; keys that begin with aws: are for AWS itself." % " and ".join(map(repr, reserved)))
        left = [key for key in self.current_tags if not self.params.get("purge_tags", True) and not key.startswith("aws:")]
        count = len(set(left) | {str(key) for key in self.params.get("tags") or {}})
        if to_set and count > MOST_TAGS:
            self.fail("The %s %s would have %d tags; it can have at most %d." % (self.kind, self.name, count, MOST_TAGS))

    def tag_name(self, current):
        return current.get("name", self.name)

    # -- comparing

    current_tags = {}

    def all_options(self):
        options = list(self.options)
        if self.taggable and "tags" in self.params:
            options.append(self._tag_option())
        return options

    def compare(self, current):
        """{option: wanted} of what has to change, and the diff's two sides. Drift that cannot be changed ends the module."""
        self.current_tags = tag_dict((current or {}).get("tags")) if self.taggable else {}
        if self.taggable:
            self.check_reserved_tags()
        changes, before, after, stuck = {}, {}, {}, []
        for option in self.all_options():
            wanted = option.wanted(self)
            if wanted is None:
                continue
            value = option.current(current) if current is not None else None
            before[option.name] = after[option.name] = option.shown(value)
            if current is not None and option.equal(value, wanted):
                continue
            after[option.name] = option.shown(wanted)
            if option.secret and current is not None:
                after[option.name] = "%s (changed)" % after[option.name]
            if current is not None and option.immutable:
                stuck.append(
                    "%s is %r and %r is wanted%s"
                    % (option.name, option.shown(value), option.shown(wanted), "; " + option.hint if option.hint else "")
                )
            changes[option.name] = wanted
        if stuck:
            self.fail(
                "The %s %s cannot be changed like that: %s." % (self.kind, self.name, "; ".join(s.rstrip(".") for s in stuck)),
                **{self.result_key: self.represent(current)}
            )
        return changes, before, after

    def predict(self, current, changes):
        """The resource as it will be, for check mode. What only AWS can know is null."""
        predicted = dict(self.represent(current) or {}) if current is not None else {key: None for key in self.unknown}
        predicted.setdefault("name", self.name)
        for option in self.all_options():
            if option.name in changes and not option.secret:
                predicted[option.key] = changes[option.name]
        return predicted

    def update(self, current, changes):
        """Call each apply method once, in the order of the options."""
        done = []
        for option in self.all_options():
            if option.name in changes and option.apply and option.apply not in done:
                done.append(option.apply)
                getattr(self, option.apply)(current, changes)

    # -- waiting

    def settle(self, current=None, force=False):
        """Wait until the resource is ready (and return it as it then is), if the user wants waits or the next step needs it."""
        if not (force or self.params.get("wait", True)):
            return current if current is not None else self.read()
        latest = {"current": current}

        def check():
            if latest["current"] is None:
                latest["current"] = self.read()
            found = latest["current"]
            if found is None:
                return False, "not there yet"
            if self.ready(found):
                return True, found
            latest["current"] = None
            return False, self.state_of(found)

        return self.module.poll(check, "the %s %s to be ready" % (self.kind, self.name))

    def wait_gone(self, read=None):
        def check():
            found = (read or self.read)()
            return found is None, found and self.state_of(found)

        self.module.poll(check, "the %s %s to be gone" % (self.kind, self.name))

    # -- states

    @property
    def result_key(self):
        return self.key or self.kind.replace(" ", "_")

    def main(self):
        getattr(self, self.params.get("state") or "present")()
        self.result.update(changed=self.changed, actions=self.actions)
        return self.result

    def finish(self, shown, before, after):
        self.result[self.result_key] = shown
        self.result["diff"] = {
            "before_header": "%s %s" % (self.kind, self.name),
            "after_header": "%s %s" % (self.kind, self.name),
            "before": before,
            "after": after,
        }

    def identity(self):
        return {self.name_option: self.name}

    def present(self):
        current = self.read()
        self.check_wishes(current)
        if current is None:
            return self._present_new()
        changes, before, after = self.compare(current)
        before, after = dict(self.identity(), **before), dict(self.identity(), **after)
        if changes:
            self.changed = True
        if self.check_mode:
            if changes.keys() & {"bundle_id", "blueprint_id"}:
                self.check_offers(False)
            return self.finish(self.predict(current, changes), before, after)
        if changes:
            current = self._bring_about(current, changes)
        return self.finish(self.represent(self.settle(current)), before, after)

    def _bring_about(self, current, changes):
        try:
            self._update(self.prepare_update(current, changes), current, changes)
        except AwsFailure as failure:
            if not failure.answer_lost:
                raise
            found = self.read()
            if found is None:
                raise  # it was to be replaced, and the old one is gone
            # AWS has done it, the SDK asked again, and AWS refused the repetition. What is left to do, only AWS can say.
            prepared = self.prepare_update(found, changes)
            left = self.compare(prepared)[0]
            if left != changes:
                self.note_lost(failure)
            elif not failure.refused:
                raise
            self.update(prepared, left)
        return None  # read again

    def _update(self, prepared, compared, changes):
        if prepared is not compared:
            changes = self.compare(prepared)[0]  # what was under way may have brought a part of it about
        self.update(prepared, changes)

    def make_anew(self, make, tags):
        """Call `make` in the place of what was deleted just now. When it fails, the tags that only this run knows are told."""
        try:
            make()
        except AwsFailure as failure:
            found = self.read()
            if not tags or (found is not None and has_tags(found, tag_dict(tags))):
                raise
            words = ", ".join("%s=%s" % item for item in sorted(tag_dict(tags).items()))
            raise Failure(
                "%s The %s %s had the tags %s, which have to be set again." % (failure.msg, self.kind, self.name, words), **failure.details
            ) from failure

    def note_lost(self, failure):
        self.module.warn("The answer to %s for %s was lost; what it brought about was found." % (failure.operation, self.name))
        self.changed = True
        self.actions.append(failure.operation)

    def _present_new(self):
        missing = [option for option in self.required_to_create if self.params.get(option) in (None, "")]
        if missing:
            self.fail("The %s %s does not exist and cannot be created without %s." % (self.kind, self.name, " and ".join(missing)))
        changes, dummy, after = self.compare(None)
        after = dict(self.identity(), **after)
        self.changed = True
        if self.check_mode:
            self.check_offers(True)
            return self.finish(self.predict(None, changes), {}, after)
        self.create()
        current = self.settle(self.read())
        if current is None:
            # Ordered, not there yet, and nobody wants to wait.
            return self.finish(self.predict(None, changes), {}, after)
        # What a create call does not take is set afterwards; an adopted resource is brought to what is wanted as well.
        rest = self.compare(current)[0]
        if rest:
            current = self._bring_about(current, rest)
        return self.finish(self.represent(self.settle(current)), {}, after)

    def absent(self):
        current = self.read()
        if current is None:
            return self.finish(None, {}, {})
        before = {o.name: o.shown(o.current(current)) for o in self.all_options()}
        self.changed = True
        if not self.check_mode:
            self._remove(current)
            if self.params.get("wait", True):
                self.wait_gone()
        return self.finish(None, dict(self.identity(), **before), {})

    def _remove(self, current):
        try:
            self.delete(current)
        except AwsFailure as failure:
            if not failure.answer_lost:
                raise
            found = self.read()
            if found is not None and self.state_of(found) not in LEAVING:
                if not failure.refused:
                    raise
                self._remove_again()
            self.note_lost(failure)

    def _remove_again(self):
        """A step on the way was done twice, and AWS refused the repetition: what is left to do, is done from here.

        Nothing may be left: a load balancer has no state that tells that it is going, and refuses everything until it is gone.
        """
        give_up = time.monotonic() + PASSING_SECONDS

        def check():
            found = self.read()
            try:
                if found is not None:
                    self.delete(found)
            except AwsFailure as failure:
                if not failure.refused or time.monotonic() > give_up:
                    raise
                return False, self.state_of(found)
            return True, None

        self.module.poll(check, "the %s %s to be gone" % (self.kind, self.name))
