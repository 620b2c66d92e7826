# SPDX-License-Identifier: GPL-3.0-or-later
"""Where alarms notify: at most one email address and one phone number per Region. Nothing is ever sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import errors, tags
from .registry import operation
from .request import Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "ContactMethod"
EMAIL, SMS = "Email", "SMS"
# Model.
SMS_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2")
PHONE = re.compile(r"\+[1-9][0-9]{1,14}")  # E.164
ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    return {
        **cloud.common_view(record),
        "contactEndpoint": record["endpoint"],
        "protocol": record["name"],
        "status": record["status"],
    }


@operation
def CreateContactMethod(request: Request) -> dict[str, Any]:
    protocol, endpoint = request["protocol"], request["contactEndpoint"]
    if protocol == SMS and request.region not in SMS_REGIONS:
        raise errors.invalid(f"SMS is not supported in the Region {request.region}. It is supported in: {', '.join(SMS_REGIONS)}.")
    if protocol == SMS and not PHONE.fullmatch(endpoint):
        raise errors.invalid(f"{endpoint} is not a phone number in the E.164 format, such as +15555550100.")
    if protocol == EMAIL and not ADDRESS.fullmatch(endpoint):
        raise errors.invalid(f"{endpoint} is not an email address.")
    if request.find(TYPE, protocol) is not None:
        # Guess: refused, since the user guide says to delete the old one first.
        raise errors.invalid(f"There is a contact method of the protocol {protocol} in this Region already. Delete it first.", "NameExists")
    tags.check(request.get("tags"))
    # The name is a guess; it is in nobody's name space.
    request.new(TYPE, protocol, endpoint=endpoint, status="PendingVerification" if protocol == EMAIL else "Valid")
    return _done(request, protocol)


def _done(request: Request, protocol: str) -> dict[str, Any]:
    return {"operations": [request.record_operation(TYPE, protocol)]}


@operation
def GetContactMethods(request: Request) -> dict[str, Any]:
    wanted = request.get("protocols", [EMAIL, SMS])
    return {"contactMethods": [view(request.cloud, record) for record in request.all(TYPE) if record["name"] in wanted]}


@operation
def DeleteContactMethod(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["protocol"])
    request.cloud.remove(record)
    return _done(request, record["name"])


@operation
def SendContactMethodVerification(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["protocol"])
    if record["status"] == "Valid":
        raise errors.wrong_state(f"The contact method {record['name']} is verified already.")  # guess
    return _done(request, record["name"])


def confirm(cloud: Cloud, region: str) -> dict[str, Any]:
    """What the owner of the address does with the mail that AWS would have sent."""
    record = cloud.find(TYPE, region, EMAIL)
    if record is None:
        raise errors.not_found(TYPE, EMAIL)
    record["status"] = "Valid"
    cloud.store.save()
    return {"endpoint": record["endpoint"], "status": record["status"]}
