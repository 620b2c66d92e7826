# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as the API words them. Texts with a source are verbatim (see docs/lightsail_local.md); others are ours."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer that is an error. `type` is the class a client sees, `code` Lightsail's inner code."""

    def __init__(self, type: str, message: str, code: str | None = None, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.type = type
        self.message = message
        self.code = code
        self.status = 500 if type == "ServiceException" else status
        self.members = members

    def body(self, lightsail: bool) -> dict[str, Any]:
        """Lightsail's eight exceptions share code, docs, message and tip; Route 53 Domains has only a message."""
        if lightsail:
            return {"__type": self.type, "code": self.code, "docs": None, "message": self.message, "tip": None}
        return {"__type": self.type, "message": self.message, **self.members}


def invalid(message: str, code: str = "InvalidParams") -> ApiError:
    return ApiError("InvalidInputException", message, code)


# What AWS's CloudFormation handlers look for.
SHORT_NAMES = {"LoadBalancerTlsCertificate": "LoadBalancerTlsCert"}


def not_found(type: str, name: str) -> ApiError:
    type = SHORT_NAMES.get(type, type)
    return ApiError("NotFoundException", f"The {type} does not exist: {name}", "DoesNotExist")


def name_taken(*names: str) -> ApiError:
    return ApiError("InvalidInputException", f"Some names are already in use: {', '.join(names)}", "NameExists")


def operation_failure(message: str, code: str = "OperationFailed") -> ApiError:
    return ApiError("OperationFailureException", message, code)


def wrong_state(message: str) -> ApiError:
    # Guess: many wrong states answer InvalidInputException; which do not is unknown.
    return ApiError("InvalidInputException", message, "InvalidState")


def quota(message: str) -> ApiError:
    # Guess on the class: some tools record ServiceException for static IPs.
    return ApiError("InvalidInputException", message, "LimitExceeded")


def not_taggable(type: str) -> ApiError:
    return invalid(f"The resource type, {type}, is not taggable.")


def only_in_us_east_1() -> ApiError:
    return ApiError(
        "InvalidInputException",
        "Domain-related APIs are only available in the us-east-1 Region. Please set your Region configuration to "
        "us-east-1 to create, view, or edit these resources.",
        "UnsupportedOperation",
    )


def distribution_only_in_us_east_1() -> ApiError:
    # The text is a guess after the domain calls' one.
    return ApiError(
        "InvalidInputException",
        "Distribution-related APIs are only available in the us-east-1 Region. Please set your Region configuration "
        "to us-east-1 to create, view, or edit these resources.",
        "UnsupportedOperation",
    )


def not_emulated(operation: str) -> ApiError:
    """Typed, and at once: an untyped one would be retried by clients."""
    return ApiError(
        "InvalidInputException",
        f"{operation} is not emulated by the local Lightsail; on AWS it would be carried out.",
        "NotEmulated",
    )


def registrar_invalid(message: str) -> ApiError:
    return ApiError("InvalidInput", message)
