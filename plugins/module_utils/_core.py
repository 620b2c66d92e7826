# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module of this collection needs to talk to AWS. Private to the collection; may change at any time.

The parts, from the bottom up:

* `aws_argument_spec()`: connection options, equal to those of amazon.aws in names, aliases and environment variables.
* `LightsailModule`: an AnsibleModule with clients, `call` (one request), `call_all` (all pages), `poll` (any wait) and `run`.

An info module passes a function: `module.run(lambda: {"disks": [snake(d) for d in module.call_all("GetDisks", "disks")]})`. A module of a
resource passes a `Resource` (_resource.py).
"""

from __future__ import annotations

import datetime
import os
import re
import time
import traceback
import unicodedata

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.cloudpress.lightsail.plugins.module_utils._names import host_of, name_mistake, punycode

try:
    import boto3
    import botocore
    from botocore import xform_name
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

    HAS_BOTO3 = True
    BOTO3_ERROR = None
except ImportError:
    HAS_BOTO3 = False
    BOTO3_ERROR = traceback.format_exc()

    class BotoCoreError(Exception):
        """Stands in so that `except` clauses stay valid; nothing raises it without botocore."""

    class ClientError(BotoCoreError):
        """See BotoCoreError."""

    HTTPClientError = ConnectionError = ClientError


# The oldest SDK that knows every call the modules make in their basic form. Newer members are checked one by one when used.
OLDEST_BOTO3 = "1.38.23"

# Parameters, and parts of them, that the oldest SDK does not know, and the minor release at whose beginning they were there: seen in
# the models of 1.39.0, 1.40.0, 1.41.0, 1.43.0 and 1.44.0. Whether the installed one knows them is asked of its model, not of its version.
KNOWN_BY = {
    "cors": "1.41.0",
    "includeCors": "1.41.0",
    "tags": "1.43.0",
    "attributeUpdates": "1.44.0",
    "customErrorResponses": "1.44.0",
    "defaultRootObject": "1.44.0",
    "enablePrivateOriginAccess": "1.44.0",
    "enableWaf": "1.44.0",
    "includeHealthStatus": "1.44.0",
    "ipAddressType": "1.44.0",
    "wafRules": "1.44.0",
}

# botocore's default mode and attempt count changed between 1.43 and 1.44 (legacy/5 to standard/3), so both are pinned.
RETRIES = {"mode": "standard", "total_max_attempts": 6}

# Lightsail answers all domain and distribution calls in this region only; Route 53 Domains exists nowhere else.
GLOBAL_REGION = "us-east-1"

# Refusals that pass by themselves: botocore does not retry them because they are modelled client errors.
PASSING_CODES = ("AccountSetupInProgressException", "RegionSetupInProgressException")
PASSING_TEXTS = re.compile(r"Please try again in a few minutes|Please wait for it to complete before trying again", re.I)
PASSING_SECONDS = 120

# Of one resource; the tags that AWS itself sets do not count.
MOST_TAGS = 50

# States from which a resource only goes away.
LEAVING = ("deleting", "shutting-down", "terminated")

NAME_TAKEN = re.compile(r"already in use|already exists|NameExists", re.I)
NOT_THERE = re.compile(r"Requested resource not found|DoesNotExist", re.I)

CREDENTIALS_REFUSED = (
    r"^UnrecognizedClientException|^InvalidSignature|^SignatureDoesNotMatch|^AuthFailure|^UnauthenticatedException|^InvalidClientTokenId|^ExpiredToken"
)

HINTS = (
    (CREDENTIALS_REFUSED,
     "Check the access key, the secret key and the region: a region that has to be enabled for the account first answers the same."),
    (r"^AccessDenied", "The IAM identity in use is not allowed to do this; grant it the Lightsail action of that name."),
    (r"^Throttling|^TooManyRequests|^RequestLimitExceeded",
     "AWS kept throttling through all retries; run again later or with fewer tasks in parallel."),
    (r"^ServiceException|^InternalFailure|^InternalError", "The fault is on AWS's side and outlasted all retries; run again later."),
    (r"^InsufficientInstanceCapacity", "Choose another zone or bundle, or try again later."),
)


def aws_argument_spec():
    """Connection options; equal to the common and region options of amazon.aws, which a unit test proves when it is installed."""
    return dict(
        access_key=dict(
            type="str",
            aliases=["aws_access_key_id", "aws_access_key"],
            fallback=(env_fallback, ["AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"]),
            no_log=False,
        ),
        secret_key=dict(
            type="str",
            aliases=["aws_secret_access_key", "aws_secret_key"],
            fallback=(env_fallback, ["AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"]),
            no_log=True,
        ),
        session_token=dict(
            type="str", aliases=["aws_session_token"], fallback=(env_fallback, ["AWS_SESSION_TOKEN"]), no_log=True
        ),
        profile=dict(type="str", aliases=["aws_profile"], fallback=(env_fallback, ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])),
        endpoint_url=dict(type="str", aliases=["aws_endpoint_url"], fallback=(env_fallback, ["AWS_URL"])),
        validate_certs=dict(type="bool", default=True),
        aws_ca_bundle=dict(type="path", fallback=(env_fallback, ["AWS_CA_BUNDLE"])),
        aws_config=dict(type="dict"),
        debug_botocore_endpoint_logs=dict(type="bool", default=False, fallback=(env_fallback, ["ANSIBLE_DEBUG_BOTOCORE_LOGS"])),
        region=dict(type="str", aliases=["aws_region"], fallback=(env_fallback, ["AWS_REGION", "AWS_DEFAULT_REGION"])),
    )


def tags_argument_spec():
    return dict(tags=dict(type="dict", aliases=["resource_tags"]), purge_tags=dict(type="bool", default=True))


def wait_argument_spec():
    return dict(wait=dict(type="bool", default=True), wait_timeout=dict(type="int", default=1800))


class Failure(Exception):
    """Ends the module with one sentence; `details` become keys of the result."""

    def __init__(self, msg, **details):
        super().__init__(msg)
        self.msg = msg
        self.details = details


class AwsFailure(Failure):
    """An AWS call that failed for good: `operation`, `code`, `inner` (Lightsail's second code), `text`, `answer_lost`.

    answer_lost: nobody knows whether AWS did it, because no answer came, or only the answer to a repetition.
    """

    def __init__(self, msg, operation="", code="", inner="", text="", lost=False, **details):
        super().__init__(msg, **details)
        self.operation, self.code, self.inner, self.text, self.answer_lost = operation, code, inner, text, lost

    @property
    def not_found(self):
        # Distribution calls answer InvalidInputException where all others have NotFoundException.
        return self.code == "NotFoundException" or self.inner == "DoesNotExist" or bool(NOT_THERE.search(self.text))

    @property
    def name_taken(self):
        return self.inner == "NameExists" or bool(NAME_TAKEN.search(self.text))

    @property
    def refused(self):
        """AWS did not want to, rather than could not."""
        return bool(self.code) and not re.search(r"Throttl|TooMany|LimitExceeded|ServiceException|InternalFailure|^5", self.code)


def describe_error(error, operation, subject="", endpoint=""):
    """Turn anything botocore raises into an AwsFailure with one sentence: what was tried on what, the answer, what to do."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", operation).split()
    tried = "Failed to %s%s (%s)" % (" ".join(w.lower() for w in words), " " + subject if subject else "", operation)
    details = {}
    if HAS_BOTO3:
        details.update(boto3_version=boto3.__version__, botocore_version=botocore.__version__)
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        text = " ".join(str(error).split())
        hint = "Nothing answered; check the network and the endpoint." if "ndpoint" in type(error).__name__ else ""
        if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError"):
            hint = "Set access_key and secret_key, a profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        lost = isinstance(error, (HTTPClientError, ConnectionError))
        if lost and not hint:
            hint = "Nobody knows whether AWS did it; run again, which looks first."
        return AwsFailure(_sentence("%s: %s" % (tried, text), hint), operation=operation, text=text, lost=lost, **details)
    code = response.get("Error", {}).get("Code", "")
    text = " ".join(str(response.get("Error", {}).get("Message", "")).split())
    metadata = response.get("ResponseMetadata", {})
    inner = response.get("code") or ""
    details["error"] = {k: v for k, v in (("code", code), ("message", text), ("inner_code", inner)) if v}
    details["response_metadata"] = camel_dict_to_snake_dict(metadata)
    hint = next((h for pattern, h in HINTS if re.search(pattern, code)), response.get("tip") or "")
    if endpoint and re.search(CREDENTIALS_REFUSED, code):
        # Keys of one place sent to another are the usual cause, and the environment may have chosen either.
        hint += " Asked was %s." % endpoint
    answer = "AWS answered %s%s%s" % (code, " (%s)" % inner if inner else "", ": " + text if text else "")
    lost = metadata.get("RetryAttempts", 0) > 0
    return AwsFailure(_sentence("%s: %s" % (tried, answer), hint), operation=operation, code=code, inner=inner, text=text, lost=lost, **details)


def _sentence(text, hint=""):
    text = text.strip().rstrip(".") + "."
    return "%s %s" % (text, hint) if hint else text


def snake(raw):
    """A resource as results show it: snake case, times as ISO 8601 with offset, tags as a dict."""
    if raw is None:
        return None
    raw = dict(raw)
    tags = raw.pop("tags", None)
    plain = camel_dict_to_snake_dict(_plain(raw))
    if tags is not None:
        plain["tags"] = tag_dict(tags)
    return plain


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return value


def tag_dict(tags):
    """[{key, value}] as a dict. A key-only tag has no value in the answer; it is shown as an empty string."""
    return {tag["key"]: tag.get("value", "") for tag in tags or []}


def tag_list(tags):
    return [{"key": str(key), "value": tag_text(value)} for key, value in sorted((tags or {}).items())]


def tag_text(value):
    """YAML turns `yes` and `1` into a bool and a number; AWS knows only text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def compare_tags(current, wanted, purge):
    """The tags to set, the keys to remove. Keys under `aws:` belong to AWS and are never touched."""
    if wanted is None:
        return {}, []
    wanted = {str(key): tag_text(value) for key, value in wanted.items()}
    to_set = {k: v for k, v in wanted.items() if current.get(k) != v}
    to_remove = [k for k in sorted(current) if k not in wanted and not k.startswith("aws:")] if purge else []
    return to_set, to_remove


def tag_mistake(tags):
    """A sentence about tags that no resource could bear, whatever it bears now; None when there is none.

    The rules of the user guide. AWS would refuse them as well, but only when other things have been changed.
    """
    for key, value in sorted((str(key), tag_text(value)) for key, value in (tags or {}).items()):
        if not 1 <= len(key) <= 128:
            return "tags has a key with %d characters; it must have 1 to 128." % len(key)
        if len(value) > 256:
            return "tags has a value with %d characters for %r; it must have at most 256." % (len(value), key)
        for what, text in (("key", key), ("value", value)):
            bad = sorted({char for char in text if unicodedata.category(char)[0] not in "LNZ" and char not in "_.:/=+-@"})
            if bad:
                return "tags has the %s %r; it must have only letters, digits, blanks and _ . : / = + - @, and not %s." % (
                    what, text, " ".join(map(repr, bad))
                )
    if len(tags or {}) > MOST_TAGS:
        return "tags has %d tags; a resource can have at most %d." % (len(tags), MOST_TAGS)
    return None


def has_tags(raw, filters):
    """Whether a resource bears all the tags of `filters` ({key: value}; a null value asks for the key only)."""
    tags = tag_dict(raw.get("tags"))
    return all(key in tags and (value is None or tags[key] == tag_text(value)) for key, value in (filters or {}).items())


def same_set(current, wanted):
    """Comparator for lists without an order."""
    return sorted(current or [], key=str) == sorted(wanted or [], key=str)


def same_text(current, wanted):
    """Comparator for text whose case AWS changes (maintenance windows, host names)."""
    return str(current).lower() == str(wanted).lower()


def values_at(value, path, whole=False):
    """All that stands at a path such as `public_ports.from_port` in the options; lists stand for each of their items, unless `whole`."""
    if value is None or (whole and not path):
        return [] if value is None else [value]
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in values_at(item, path, whole)]
    return values_at(value.get(path[0]), path[1:], whole) if path else [value]


def has_member(shape, path):
    """Whether a shape of botocore's model has a member, or a member's member."""
    for name in path:
        members = getattr(shape, "members", None) or {}
        if name not in members:
            return False
        shape = members[name]
    return True


# A pattern of the model in words: nobody has to read a regular expression to learn what is wrong with a name.
PATTERNS = {
    "BucketAccessLogPrefix": "have only letters, digits and the characters _ / ! . * ' ( ) -",
    "BucketName": "have 3 to 54 lower-case letters, digits and hyphens, and begin and end with a letter or a digit",
    "HostName": "have only letters, digits, hyphens, underscores and dots",
    "NonEmptyString": "have at least one character that is no blank",
    "ResourceName": "have 2 to 255 letters (A-Z, a-z), digits, dots, hyphens and underscores, and begin and end with a letter or a digit",
    "TimeOfDay": "be a time such as '06:00', from 00:00 to 23:59",
}
# The model's own pattern is \w[\w\-]*\w. The service takes dots as well (user guide, and what it answers to a bad name), and no
# letters but those of ASCII.
RESOURCE_NAME = r"(?=.{2,255}$)[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]"


def broken_rule(rules, value, name=""):
    """What a value must do to obey the rules of a shape in botocore's model, or None when it does. `name` is the shape's."""
    if name == "ResourceName":
        rules = dict(rules, pattern=RESOURCE_NAME)
    if rules.get("enum") and value not in rules["enum"]:
        return "be one of %s" % ", ".join(rules["enum"])
    number = isinstance(value, (int, float))
    size = value if number else len(value)
    least, most = rules.get("min"), rules.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        words = " and ".join("at %s %s" % item for item in (("least", least), ("most", most)) if item[1] is not None)
        return "be %s" % words if number else "have %s %s" % (words, "characters" if isinstance(value, str) else "items")
    if rules.get("pattern") and not re.fullmatch(rules["pattern"], value):
        return PATTERNS.get(name, "have the form that the API reference of AWS gives for %s" % (name or "it"))
    return None


def near_name(value):
    """The name that somebody who wrote a URL or umlauts may have meant, as the end of a sentence."""
    meant = punycode(host_of(value) or value)
    return ", such as %r" % meant if meant and meant != value and re.fullmatch(RESOURCE_NAME, meant) else ""


class LightsailModule(AnsibleModule):
    """AnsibleModule with AWS. `tags` and `wait` add those options; everything else is AnsibleModule's own.

    shapes: {option: name of the shape in botocore's model whose pattern, bounds and enum its value has to obey}. A dot leads into
    suboptions. A name that ends with `?` allows an empty string, which then has a meaning of its own.

    host_names: options whose values are names of hosts or domains, written with the same dots.
    """

    def __init__(self, argument_spec, tags=False, wait=False, shapes=None, host_names=(), **kwargs):
        spec = aws_argument_spec()
        spec.update(argument_spec)
        if tags:
            spec.update(tags_argument_spec())
        if wait:
            spec.update(wait_argument_spec())
        self.shapes = shapes or {}
        self.host_names = host_names
        super().__init__(argument_spec=spec, **kwargs)
        self._clients = {}
        self._requests = []
        self._start = time.monotonic()
        if not HAS_BOTO3:
            self.fail_json(msg=missing_required_lib("boto3 >= %s" % OLDEST_BOTO3), exception=BOTO3_ERROR)

    # -- clients and calls

    def client(self, service="lightsail", region=None):
        region = region or self.params["region"]
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._connect(service, region)
        return self._clients[key]

    def _connect(self, service, region):
        params = self.params
        keys = dict(
            aws_access_key_id=params["access_key"], aws_secret_access_key=params["secret_key"], aws_session_token=params["session_token"]
        )
        profile = params["profile"]
        if profile and params["access_key"]:
            # Both from the environment: keys win, as in botocore. An option beats the environment. Two options contradict.
            profile_is_option = profile not in (os.environ.get("AWS_PROFILE"), os.environ.get("AWS_DEFAULT_PROFILE"))
            key_is_option = params["access_key"] not in (os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_ACCESS_KEY"))
            if profile_is_option and key_is_option:
                raise Failure("profile and access_key are mutually exclusive; give one of them.")
            if profile_is_option:
                keys = {}
            else:
                profile = None
        verify = params["aws_ca_bundle"] if params["validate_certs"] and params["aws_ca_bundle"] else params["validate_certs"]
        config = Config(retries=RETRIES, connect_timeout=10, read_timeout=60, user_agent_extra="cloudpress.lightsail")
        try:
            if params["aws_config"]:
                config = config.merge(Config(**params["aws_config"]))
            session = boto3.session.Session(profile_name=profile, **keys)
            client = session.client(service, region_name=region, endpoint_url=params["endpoint_url"] or None, verify=verify, config=config)
        except (BotoCoreError, ValueError, TypeError) as error:
            text = " ".join(str(error).split())
            if type(error).__name__ == "NoRegionError":
                raise Failure("No region is known: set the option region, or AWS_REGION in the environment.") from error
            raise Failure(_sentence("Cannot connect to AWS (%s): %s" % (service, text))) from error
        client.meta.events.register("before-call", self._note_request)
        return client

    def _note_request(self, model, **dummy):
        self._requests.append("%s:%s" % (model.service_model.signing_name, model.name))

    def require(self, operation, *members, service="lightsail", region=None):
        """Fail in one sentence when the installed botocore does not know an operation or one of its parameters (a dot leads into one).

        Asking the model is more reliable than a table of versions, which is for the sentence only.
        """
        model = self.client(service, region).meta.service_model
        missing, member = (operation, None) if operation not in model.operation_names else (None, None)
        if not missing:
            shape = model.operation_model(operation).input_shape
            member = next((m for m in members if not has_member(shape, m.split("."))), None)
            missing = member and "%s of %s" % (member, operation)
        if missing:
            release = KNOWN_BY.get((member or "").split(".")[-1])
            cure = "boto3 %s does: install it or a newer one" % release if release else "install a newer boto3"
            raise Failure(
                "The installed botocore %s does not know %s; %s to use this option." % (botocore.__version__, missing, cure),
                boto3_version=boto3.__version__,
                botocore_version=botocore.__version__,
            )

    def check_shapes(self, service="lightsail", region=None):
        """Refuse what AWS would refuse on the way, after other things have been changed already."""
        if not self.shapes:
            return
        model = self.client(service, region).meta.service_model
        for option, name in self.shapes.items():
            if name.rstrip("?") not in model.shape_names:
                continue
            shape = model.shape_for(name.rstrip("?"))
            for value in values_at(self.params, option.split("."), shape.type_name == "list"):
                rule = None if value == "" and name.endswith("?") else broken_rule(shape.metadata, value, shape.name)
                if rule:
                    shown = "a list of %d" % len(value) if isinstance(value, list) else repr(value)
                    raise Failure("%s is %s; it must %s%s." % (option, shown, rule, near_name(value) if shape.name == "ResourceName" else ""))

    def check_input(self):
        """What is wrong with options whatever there is at AWS, so that nothing has to be asked."""
        for option in self.host_names:
            for value in values_at(self.params, option.split(".")):
                mistake = name_mistake(option, value)
                if mistake:
                    raise Failure(mistake)
        mistake = tag_mistake(self.params.get("tags"))
        if mistake:
            raise Failure(mistake)

    def call(self, operation, service="lightsail", region=None, missing_ok=False, subject="", **request):
        """One request. Parameters that are None are left out. With missing_ok, "does not exist" is None instead of an error."""
        request = {key: value for key, value in request.items() if value is not None}
        client = self.client(service, region)
        self.require(operation, *request, service=service, region=region)
        give_up, pause, lost = time.monotonic() + PASSING_SECONDS, 1.0, False
        while True:
            try:
                answer = getattr(client, xform_name(operation))(**request)
            except (BotoCoreError, ClientError) as error:
                failure = describe_error(error, operation, subject, client.meta.endpoint_url)
                # "Wait for it to complete" may speak of this very call, whose answer was lost; the next refusal is then no news.
                lost = failure.answer_lost = lost or failure.answer_lost
                if missing_ok and failure.not_found:
                    return None
                self._doubt_region(failure, service, client.meta.region_name)
                passing = failure.code in PASSING_CODES or PASSING_TEXTS.search(failure.text)
                if not passing or time.monotonic() + pause > give_up:
                    raise failure from error
                time.sleep(pause)
                pause = min(pause * 2, 15)
            else:
                answer.pop("ResponseMetadata", None)
                return answer

    @staticmethod
    def _doubt_region(failure, service, region):
        """A region that does not exist has no end point, and where one was given, its signature is not accepted."""
        known = boto3.session.Session().get_available_regions(service)
        if region not in known and (failure.code == "UnrecognizedClientException" or "endpoint" in failure.text):
            failure.msg += " region is %r, which botocore %s does not know for this service: it knows %s." % (
                region, botocore.__version__, ", ".join(known)
            )

    def call_all(self, operation, key, service="lightsail", region=None, subject="", **request):
        """All pages as one list, whether or not botocore has a paginator for the call (it has 20 for 167 operations)."""
        found, token = [], {}
        sent, received = ("Marker", "NextPageMarker") if service == "route53domains" else ("pageToken", "nextPageToken")
        while True:
            answer = self.call(operation, service=service, region=region, subject=subject, **dict(request, **token))
            found.extend(answer.get(key) or [])
            if not answer.get(received) or answer.get(received) == token.get(sent):
                return found
            token = {sent: answer[received]}

    # -- waiting

    def seconds_left(self):
        """Of wait_timeout, which all waits of one run share."""
        return max(0.0, self._start + (self.params.get("wait_timeout") or 1800) - time.monotonic())

    def poll(self, check, what, first=0.2, longest=10.0):
        """Call `check` until it returns (True, anything); it returns (False, state) to be asked again, and raises on failure.

        All waits of one run share wait_timeout. Short pauses first: a static IP takes none, a database takes fifteen minutes.
        """
        timeout = self.params.get("wait_timeout") or 1800
        deadline, pause = self._start + timeout, first
        while True:
            done, state = check()
            if done:
                return state
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failure("Gave up after %d seconds (wait_timeout) waiting for %s; last state: %s." % (timeout, what, state))
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, longest)

    def wait_operations(self, answer, region=None, subject=""):
        """Wait for every operation that an answer names: many calls return several, and the first says nothing of the others."""
        operations = list(answer.get("operations") or [])
        if answer.get("operation"):
            operations.append(answer["operation"])
        for operation in operations:
            self._wait_operation(operation, region, subject)

    def _wait_operation(self, operation, region, subject):
        latest = {"operation": operation}

        def check():
            record = latest["operation"]
            status = record.get("status")
            if status == "Failed":
                raise Failure(
                    _sentence("%s of %s failed: %s" % (
                        record.get("operationType", "The operation"),
                        record.get("resourceName") or subject,
                        ": ".join(str(record[k]) for k in ("errorCode", "errorDetails") if record.get(k)) or "AWS gave no reason",
                    )),
                    operation=snake(record),
                )
            # `Completed` is used for some resource kinds instead of `Succeeded`; `isTerminal` covers both.
            if record.get("isTerminal") or status in ("Succeeded", "Completed"):
                return True, status
            again = self.call("GetOperation", operationId=record["id"], region=region, missing_ok=True)
            if again is None:
                return True, "no longer recorded"
            latest["operation"] = again["operation"]
            # Straight on when it is over, so that no pause follows the last answer.
            over = again["operation"].get("isTerminal") and again["operation"].get("status") != "Failed"
            return over, again["operation"].get("status")

        self.poll(check, "%s of %s" % (operation.get("operationType"), operation.get("resourceName") or subject))

    # -- the end

    def run(self, work):
        """Run a Resource or a function that returns the result, and leave the module; the only place that catches anything."""
        resource = None if callable(work) else work
        try:
            self.check_input()
            if resource:
                self.check_shapes(resource.service, resource.region)
                result = resource.main()
            else:
                self.check_shapes()
                result = work()
        except Failure as failure:
            details = dict(failure.details)
            if resource:
                # What was already done is worth knowing when the rest failed.
                details.update(changed=bool(resource.actions), actions=resource.actions)
            self.fail_json(msg=failure.msg, **self._with_requests(details))
        except (BotoCoreError, ClientError) as error:
            failure = describe_error(error, "call AWS")
            self.fail_json(msg=failure.msg, **self._with_requests(failure.details))
        self.exit_json(**self._with_requests(dict({"changed": False}, **result)))

    def _with_requests(self, result):
        if self.params.get("debug_botocore_endpoint_logs"):
            result["resource_actions"] = sorted(set(self._requests))
        return result
