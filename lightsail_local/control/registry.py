# SPDX-License-Identifier: GPL-3.0-or-later
"""Handlers, found by the name of the API operation; jobs, found by their kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .cloud import Cloud
    from .request import Request

HandlerFunction = Callable[["Request"], "dict[str, Any] | None"]
Prefetch = Callable[["Request"], Any]


class Handler:
    """`before` runs without the cloud's lock: that is where the data plane may be asked something slow."""

    def __init__(self, function: HandlerFunction, before: Prefetch | None) -> None:
        self.function = function
        self.before = before


HANDLERS: dict[str, Handler] = {}


def handler_name(service: str, operation_name: str) -> str:
    """The key in HANDLERS of an operation of a service. Those of other services than these two bear its name."""
    qualified = f"{service}:{operation_name}"
    return operation_name if service in ("lightsail", "route53domains") and qualified not in HANDLERS else qualified


def operation(
    function: HandlerFunction | None = None, *, before: Prefetch | None = None, name: str | None = None
) -> Any:
    """Registers a function under its own name, which is the name of the API operation.

    With `name`, under that: `DeleteDomain` is an operation of both services, and means another thing in each.
    """

    def register(handler: HandlerFunction) -> HandlerFunction:
        key = name or handler.__name__
        assert key not in HANDLERS, key
        HANDLERS[key] = Handler(handler, before)
        return handler

    return register(function) if function is not None else register


JOBS: dict[str, type[Job]] = {}


class Job:
    """Work that takes time: a data-plane part, and what is true when the clocks are due.

    The resource becomes ready when both its clock is due and `run` has finished; operations likewise on their own
    clock. `run` holds no lock and may block; the others hold the lock and must not. A job that was interrupted by
    `down` is run again at the next `up`.
    """

    kind: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        if cls.kind:
            assert cls.kind not in JOBS, cls.kind
            JOBS[cls.kind] = cls

    def __init__(self, cloud: Cloud, args: dict[str, Any]) -> None:
        self.cloud = cloud
        self.args = args

    def run(self) -> dict[str, Any] | None:
        """The data plane's part; what it returns reaches the other methods as `result`, over a restart too."""
        return None

    def operations_ended(self, result: dict[str, Any]) -> None:
        """The operations have just become Succeeded."""

    def ended(self, result: dict[str, Any]) -> None:
        """The resource is ready."""

    def failed(self, message: str) -> None:
        """run() failed; the operations are Failed already."""


LISTENERS: dict[str, list[Callable[[Cloud, dict[str, Any]], None]]] = {}


def listens(event: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """One family tells what happened, others take note, and none imports the other. Called with the lock held.

    Events: "instance running", "instance stopped", "instance deleted", "instance address changed", "distribution
    deleted", "subdomain changed" (its distribution), "disk deleted"; "cloud started" has
    no record: {}.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        LISTENERS.setdefault(event, []).append(function)
        return function

    return register


def tell(event: str, cloud: Cloud, record: dict[str, Any]) -> None:
    for function in LISTENERS.get(event, []):
        function(cloud, record)
