# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS names and record values as Lightsail's zones write them. Private to the collection; may change at any time.

The service stores what it is given, but not as it was given: trailing dots go, names are lower case, C(*) comes
back as C(\\052), the target of an alias may come back with C(dualstack.) in front, TXT values must be quoted.
Both sides of a comparison therefore pass through here, and only then are they compared.
"""

from __future__ import annotations

import ipaddress
import re

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import snake
from ansible_collections.cloudpress.lightsail.plugins.module_utils._names import name_mistake

RECORD_TYPES = ("A", "AAAA", "CNAME", "MX", "NS", "SRV", "TXT")
TTL = 60  # Lightsail's, for every record

# How many words a value has when its last one, the root, is missing.
_WITHOUT_TARGET = {"MX": 1, "SRV": 3}

# A character-string of a TXT record holds at most 255 octets (RFC 1035, 3.3).
_TXT_CHUNK = 255
_TXT_PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"')
# What follows TXT in a zone file of BIND, as tools for DKIM write it: pieces in parentheses, on lines of their own, with comments.
_TXT_IN_PARENTHESES = re.compile(r'\(((?:\s|;[^\n]*|"(?:[^"\\]|\\.)*")*)\)\s*(?:;[^\n]*)?')
_ZONE_FILE_LINE = re.compile(r'\S+\s+(?:[0-9]+\s+)?(?:IN\s+)?(?:[0-9]+\s+)?TXT\s*[("]', re.I)
_COMMENT_OR_TEXT = re.compile(r';[^\n]*|("(?:[^"\\]|\\.)*")')
_LABEL = re.compile(r"^(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)$")


class RecordError(ValueError):
    """A name or a value that no zone could hold; the text is one sentence for the user."""


def host(name: str) -> str:
    """A host name in the form used for comparing and sending: lower case, no trailing dot, C(*) for C(\\052)."""
    return str(name).strip().lower().rstrip(".").replace("\\052", "*")


def record_name(name: str, zone: str) -> str:
    """The fully qualified name of a record in a zone; V(@) and the empty name mean the zone itself."""
    wanted, apex = host(name), host(zone)
    if wanted in ("", "@"):
        return apex
    if wanted != apex and not wanted.endswith("." + apex):
        raise RecordError(f"The name '{name}' is not in the zone {apex}: write it in full, for example '{wanted}.{apex}'.")
    labels = wanted.split(".")
    bad = [label for label in labels if not _LABEL.match(label)]
    if bad or len(wanted) > 253 or "*" in labels[1:]:
        raise RecordError(f"The name '{name}' is not a valid name for a DNS record.")
    return wanted


def _address(value: str, version: int) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        address = None
    if address is None or address.version != version:
        raise RecordError(f"'{value}' is not an IPv{version} address.")
    return str(address)


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _target(value: str, rtype: str) -> str:
    name = host(value)
    # The root as target ('.') says "no such service" in MX and SRV (RFC 7505, RFC 2782).
    if not name and rtype in ("MX", "SRV") and str(value).strip() == ".":
        return "."
    mistake = name_mistake("The value of a record of type %s" % rtype, value)
    if mistake:
        raise RecordError(mistake)
    if _is_address(name):
        raise RecordError(f"'{value}' is an address, where a record of type {rtype} needs a host name.")
    if not name or " " in name or not all(_LABEL.match(label) for label in name.split(".")):
        raise RecordError(f"'{value}' is not a host name, as a record of type {rtype} needs it.")
    return name


def _numbered(value: str, rtype: str, shape: str) -> str:
    """Values that begin with numbers and end with a host: C(10 mail.example.com), C(1 0 5060 sip.example.com)."""
    parts = str(value).split()
    numbers, target = parts[:-1], parts[-1:]
    if len(parts) != len(shape.split()) or not all(number.isdigit() and int(number) <= 65535 for number in numbers):
        raise RecordError(f"'{value}' is not a value for a record of type {rtype}, which is written '{shape}'.")
    return " ".join([str(int(number)) for number in numbers] + [_target(target[0], rtype)])


def txt_text(value: str) -> str:
    """The bare text of a TXT value, quoted or not; quoted pieces are joined, as resolvers' users do."""
    text = str(value).strip()
    if _ZONE_FILE_LINE.match(text):
        raise RecordError(f"The TXT value {text} is a whole line of a zone file; give only the part after TXT.")
    parenthesised = _TXT_IN_PARENTHESES.fullmatch(text)
    if parenthesised and '"' in parenthesised.group(1):
        text = " ".join(filter(None, _COMMENT_OR_TEXT.findall(parenthesised.group(1))))
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        if _TXT_PIECE.sub("", text).strip():
            raise RecordError(f"The TXT value {text} has an odd number of quotation marks; escape inner ones as \\\".")
        return "".join(re.sub(r"\\(.)", r"\1", piece) for piece in _TXT_PIECE.findall(text))
    return str(value)


def txt_quoted(text: str) -> str:
    """Text as the service wants it: in quotation marks, in pieces of at most 255 octets."""
    pieces, piece, size = [], "", 0
    for char in text:
        octets = len(char.encode("utf-8"))
        if size + octets > _TXT_CHUNK:
            pieces.append(piece)
            piece, size = "", 0
        piece, size = piece + char, size + octets
    pieces.append(piece)
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)


def normal_value(value: str, rtype: str, alias: bool = False) -> str:
    """One value in the form in which it is compared, shown and sent."""
    value = str(value)
    if alias:
        target = _target(value, rtype)
        return target[len("dualstack."):] if target.startswith("dualstack.") else target
    if rtype == "TXT":
        return txt_quoted(txt_text(value))
    value = value.strip()
    if rtype == "A":
        return _address(value, 4)
    if rtype == "AAAA":
        return _address(value, 6)
    if rtype == "MX":
        return _numbered(value, rtype, "priority host")
    if rtype == "SRV":
        return _numbered(value, rtype, "priority weight port host")
    return _target(value, rtype)


def says_no_service(value: str, rtype: str) -> bool:
    """Whether a value in its normal form is a null MX or a null SRV, which can only stand alone."""
    return rtype in _WITHOUT_TARGET and value.split()[-1:] == ["."]


def stored_value(entry: dict) -> str:
    """The value of an entry as the API returned it, in the same form; what cannot be read is left as it is."""
    target, rtype = entry.get("target", ""), entry.get("type", "")
    # The dot of "no such service" goes the way of all trailing dots.
    if rtype in _WITHOUT_TARGET and len(target.split()) == _WITHOUT_TARGET[rtype]:
        target = target.rstrip() + " ."
    try:
        return normal_value(target, rtype, bool(entry.get("isAlias")))
    except RecordError:
        return target


def zone_name(name: str) -> str:
    """The name of a zone as the API has it."""
    return host(name)


def own_records(zone: dict) -> list:
    """The entries of a zone without the NS and SOA that every zone is born with."""
    apex = host(zone.get("name", ""))
    return [
        entry
        for entry in zone.get("domainEntries") or []
        if entry.get("type") not in ("NS", "SOA") or host(entry.get("name", "")) != apex
    ]


def represent_zone(zone: dict | None) -> dict | None:
    """A zone as results show it."""
    if zone is None:
        return None
    shown = snake({key: value for key, value in zone.items() if key != "domainEntries"})
    shown.setdefault("tags", {})
    apex = host(zone.get("name", ""))
    shown["name_servers"] = [
        host(entry["target"])
        for entry in zone.get("domainEntries") or []
        if entry.get("type") == "NS" and host(entry.get("name", "")) == apex
    ]
    records = [
        {"name": host(entry["name"]), "type": entry["type"], "value": stored_value(entry), "alias": bool(entry.get("isAlias"))}
        for entry in own_records(zone)
    ]
    shown["records"] = sorted(records, key=lambda record: (record["name"], record["type"], record["value"]))
    return shown
