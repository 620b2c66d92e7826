# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people write where a host name belongs: a URL, a name with umlauts. Private to the collection; may change at any time.

The API takes neither, and says so in words that name no cure, or only after other things have been changed. So these are refused with
the name that was meant. They are not changed silently: the name is also what a browser shows and what a certificate bears.
"""

from __future__ import annotations

import re
import unicodedata

# Characters that separate labels in names as people type them (UTS 46).
_DOTS = re.compile("[\u3002\uff0e\uff61]")


def punycode(name):
    """A host name in ASCII, as resolvers and AWS know it. None when it has no such form.

    Python's own codec `idna` follows the rules of 2003, by which `ß` is `ss`: another domain than the one that registries now register.
    """
    labels = _DOTS.sub(".", unicodedata.normalize("NFKC", name.strip().lower())).rstrip(".").split(".")
    found = [label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in labels]
    fits = all(0 < len(label) <= 63 and not any(char.isspace() or char in "/:@" for char in label) for label in found)
    return ".".join(found) if fits else None


def host_of(text):
    """The host in what looks like a URL, an address of mail or a host with a port; None when it looks like none of them."""
    match = re.match(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#:]*)", text)
    if match is None:
        match = re.match(r"\s*(?:[^/?#@:\s]+@)?([^/?#:@\s]+)\s*(?::[0-9]*)?(?:[/?#].*)?$", text)
        if match is None or match.group(0).strip() == match.group(1).strip():
            return None
    return match.group(1)


def name_mistake(option, name):
    """A sentence about a host name that is none, with the name that was meant; None when there is nothing to say here."""
    name = str(name)
    meant = host_of(name)
    if meant is not None:
        meant = punycode(meant) or meant
        words = "; write %r" % meant if meant else ""
        return "%s is %r; it must be a name only, without a scheme, a port, a user or a path%s." % (option, name, words)
    if not name.isascii():
        meant = punycode(name)
        words = ", which is %r" % meant if meant else ", and it has no such form"
        return "%s is %r; it must be in ASCII, as AWS knows no other names: write it in punycode%s." % (option, name, words)
    return None
