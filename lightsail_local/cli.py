# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `lightsail-local`."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .clock import RESOURCES
from .wire_faults import KINDS

VARIANTS = ("install-again", "config-0640", "schema-dash", "no-redirect")
NONE = "none"  # forgets the durations or variants of an earlier up
OFFERS = ("blueprint", "bundle", "database-blueprint", "database-bundle")

DEFAULT_PORT = 4580
ALREADY_THERE = 4  # the daemon's exit status when another one holds the state directory
DEFAULT_SCALE = 0.02
REGION = "eu-central-1"
# Starting real hosts for the first time builds their images.
UP_TIMEOUT = {"none": 60, "hosts": 3600}
DOWN_TIMEOUT = 300


class Trouble(Exception):
    """One sentence for the user."""


def default_state() -> Path:
    configured = os.environ.get("LIGHTSAIL_LOCAL_STATE")
    return Path(configured) if configured else Path.home() / ".local" / "share" / "lightsail-local"


# -- the daemon, seen from outside ---------------------------------------------------------------------------------
def read_description(state: Path) -> dict[str, Any] | None:
    try:
        return json.loads((state / "cloud.json").read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Trouble(f"{state / 'cloud.json'} cannot be read: {error}.") from error


def ask(state: Path, command: str, timeout: float = 30, **arguments: Any) -> Any:
    description = read_description(state)
    if not description or not description.get("pid"):
        raise Trouble(f"No cloud runs in {state}; start it with: lightsail-local up --state {shlex.quote(str(state))}")
    connection = http.client.HTTPConnection("127.0.0.1", description["port"], timeout=timeout)
    try:
        connection.request(
            "POST", f"/_local/{command}", json.dumps(arguments), {"X-Lightsail-Local": "1", "Content-Type": "application/json"}
        )
        response = connection.getresponse()
        document = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Trouble(f"The cloud in {state} does not answer on port {description['port']}: {error}.") from error
    finally:
        connection.close()
    if response.status != 200:
        raise Trouble(document.get("error", f"HTTP status {response.status}"))
    return document


def running(state: Path) -> dict[str, Any] | None:
    """The status, if a cloud of this state directory runs."""
    description = read_description(state)
    if not description or not description.get("pid"):
        return None
    try:
        os.kill(description["pid"], 0)
        status = ask(state, "status")
    except (OSError, Trouble):
        return None
    return status if Path(status["state_dir"]).resolve() == state.resolve() else None


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _choose_port(wanted: int | None, earlier: int | None) -> int:
    """The wanted one or none; else the one it had before, so that clients stay right; else the next free one."""
    if wanted is not None:
        if wanted and not _port_is_free(wanted):
            raise Trouble(f"Port {wanted} on 127.0.0.1 is taken by another program.")
        return wanted
    for port in (earlier, *range(DEFAULT_PORT, DEFAULT_PORT + 100)):
        if port and _port_is_free(port):
            return port
    raise Trouble(f"No port from {DEFAULT_PORT} to {DEFAULT_PORT + 99} is free on 127.0.0.1.")


def _rehearsal(options: argparse.Namespace) -> dict[str, Any]:
    """What this call says about durations and variants; None for what it does not mention."""
    durations, variants = options.duration, options.variant
    return {
        "durations": None if durations is None else dict(item for item in durations if item),
        "variants": None if variants is None else list(dict.fromkeys(word for word in variants if word != NONE)),
    }


# -- sub-commands --------------------------------------------------------------------------------------------------
def up(options: argparse.Namespace) -> int:
    state: Path = options.state
    status = running(state)
    if status:
        if options.data_plane and options.data_plane != status["data_plane"]:
            raise Trouble(
                f"The cloud in {state} runs with data plane {status['data_plane']}; take it down first to change that."
            )
        if options.port and options.port != status["port"]:
            raise Trouble(f"The cloud in {state} runs on port {status['port']}; take it down first to change that.")
        if options.time_scale is not None and options.time_scale != status["time_scale"]:
            ask(state, "time-scale", scale=options.time_scale)
        for word, given in _rehearsal(options).items():
            if given is not None and given != status[word]:
                raise Trouble(f"The cloud in {state} runs with other {word}; take it down first to change them.")
        print(f"The local Lightsail runs already on {status['endpoint']} (data plane {status['data_plane']}).")
        return 0
    earlier = read_description(state) or {}
    kind = options.data_plane or earlier.get("data_plane") or "hosts"
    if earlier and earlier.get("data_plane") != kind and (state / "state.json").exists():
        if json.loads((state / "state.json").read_text()).get("resources"):
            raise Trouble(
                f"The cloud in {state} has resources made with data plane {earlier['data_plane']}; start it with that "
                "one, or use another state directory."
            )
    scale = options.time_scale
    if scale is None:
        scale = earlier.get("time_scale", DEFAULT_SCALE)
    port = _choose_port(options.port, earlier.get("port"))
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    log_path = state / "daemon.log"
    command = [sys.executable, "-m", "lightsail_local.daemon", "--state", str(state), "--port", str(port)]
    command += ["--data-plane", kind, "--time-scale", repr(scale)]
    # As the time scale: what was said once holds until something else is said.
    rehearsal = {word: earlier.get(word) if given is None else given for word, given in _rehearsal(options).items()}
    command += ["--durations", json.dumps(rehearsal["durations"] or {}), "--variants", *(rehearsal["variants"] or [])]
    environment = dict(os.environ)
    # Found from wherever the command is called, also when the package is not installed but only lies there.
    package_parent = str(Path(__file__).resolve().parent.parent)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [package_parent, environment.get("PYTHONPATH")]))
    with log_path.open("ab") as log_file:
        offset = log_file.tell()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log_file, stderr=log_file, start_new_session=True, env=environment
        )
    return _wait_until_ready(state, process, log_path, offset, UP_TIMEOUT.get(kind, 3600))


def _wait_until_ready(
    state: Path, process: subprocess.Popen[bytes], log_path: Path, offset: int, timeout: float
) -> int:
    deadline = time.monotonic() + timeout
    shown = offset
    while time.monotonic() < deadline:
        code = process.poll()
        shown = _show_progress(log_path, shown)
        if code == ALREADY_THERE:
            # Two `up` at once: the other one's daemon will do.
            if running(state) and (read_description(state) or {}).get("ready"):
                print(f"The local Lightsail runs already (state {state}).")
                return 0
        elif code is not None:
            # Its last words may be several lines, such as the end of what a failed build printed.
            said = "\n" + log_path.read_bytes()[offset:].decode(errors="replace")
            told = said.rpartition("\nERROR: ")
            raise Trouble(told[2].rstrip() if told[1] else f"The local Lightsail ended while starting; see {log_path}.")
        description = read_description(state)
        if description and description.get("pid") == process.pid and description.get("ready"):
            print(f"The local Lightsail runs on {description['endpoint']} (data plane {description['data_plane']}).")
            return 0
        time.sleep(0.05)
    process.terminate()
    raise Trouble(f"The local Lightsail was not ready within {timeout:.0f} seconds; see {log_path}.")


def _show_progress(log_path: Path, start: int) -> int:
    """Lines that the data plane marks with PROGRESS: are for the person who waits (images are built at first start)."""
    with log_path.open("rb") as file:
        file.seek(start)
        data = file.read()
    end = data.rfind(b"\n") + 1
    for line in data[:end].decode(errors="replace").splitlines():
        if "PROGRESS: " in line:
            print(line.split("PROGRESS: ", 1)[1], flush=True)
    return start + end


def down(options: argparse.Namespace) -> int:
    state: Path = options.state
    status = running(state)
    if not status:
        print(f"No cloud runs in {state}.")
        return 0
    ask(state, "down")
    deadline = time.monotonic() + DOWN_TIMEOUT
    while time.monotonic() < deadline:
        description = read_description(state)
        # The description without a process id is the last thing that a cloud writes.
        if not description or description.get("pid") != status["pid"] or not _alive(status["pid"]):
            print("The local Lightsail is down; its state is kept.")
            return 0
        time.sleep(0.05)
    raise Trouble(f"The cloud in {state} did not go down within {DOWN_TIMEOUT} seconds; see {state / 'daemon.log'}.")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def status(options: argparse.Namespace) -> int:
    found = running(options.state)
    if options.json:
        print(json.dumps(found if found else {"running": False, "state_dir": str(options.state)}, indent=2))
        return 0 if found else 3
    if not found:
        print(f"No cloud runs in {options.state}.")
        return 3
    print(f"{found['endpoint']}  data plane {found['data_plane']}  time scale {found['time_scale']}  pid {found['pid']}")
    if found["resolver"]:
        print(f"resolver {found['resolver']}  s3 {found['s3_endpoint']}")
    print(f"state {found['state_dir']}  jobs under way: {found['pending_jobs']}")
    if found["parts"]:
        print()
        _table(
            ["PART", "KIND", "ADDRESS", "RUNNING"],
            [[part["name"], part["kind"], part["address"] or "-", "yes" if part["running"] else "no"] for part in found["parts"]],
        )
    if found["resources"]:
        print()
        _table(
            ["RESOURCE", "TYPE", "REGION", "STATE", "ADDRESS"],
            [[item["name"], item["type"], item["region"], item["state"] or "-", item["address"] or "-"] for item in found["resources"]],
        )
    for fault in found["faults"]:
        print(f"\nfault: {fault['operation']} {fault['error']}, {fault['times']} more times after {fault['after']} calls")
    return 0


def _table(head: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(str(row[column])) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def environment_of(description: dict[str, Any]) -> dict[str, str]:
    """What a client needs to talk to this cloud."""
    values = {
        # What a client asks of other services gets an answer here too, and never goes to AWS.
        "AWS_ENDPOINT_URL": description["endpoint"],
        "AWS_ENDPOINT_URL_LIGHTSAIL": description["endpoint"],
        "AWS_ENDPOINT_URL_ROUTE_53_DOMAINS": description["endpoint"],
        "AWS_ENDPOINT_URL_S3": description.get("s3_endpoint") or "",
        "AWS_ACCESS_KEY_ID": description["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": description["secret_access_key"],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CA_BUNDLE": description["ca_bundle"],
        "LIGHTSAIL_LOCAL_CA": description["local_ca"],
        "LIGHTSAIL_LOCAL_RESOLVER": description.get("resolver") or "",
    }
    return {name: value for name, value in values.items() if value or name == "LIGHTSAIL_LOCAL_RESOLVER"}


def env(options: argparse.Namespace) -> int:
    if not running(options.state):
        raise Trouble(f"No cloud runs in {options.state}; start it with: lightsail-local up")
    description = read_description(options.state)
    assert description is not None
    # A profile or session token of a real account would be mixed into the requests.
    print("unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN")
    for name, value in environment_of(description).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def resolve(options: argparse.Namespace) -> int:
    addresses = ask(options.state, "resolve", name=options.name)["addresses"]
    if not addresses:
        raise Trouble(f"{options.name} leads nowhere in this cloud now.")
    print("\n".join(addresses))
    return 0


def calls(options: argparse.Namespace) -> int:
    if options.forget:
        ask(options.state, "forget-calls")
        return 0
    found = ask(options.state, "calls")
    if options.json:
        print(json.dumps(found, indent=1))
        return 0
    for call in found:
        moment = time.strftime("%H:%M:%S", time.localtime(call["time"]))
        print(f"{moment} {'*' if call['mutating'] else ' '} {call['region']:<14} {call['operation']:<38} {call['outcome']}")
    return 0


def fault(options: argparse.Namespace) -> int:
    if options.clear:
        ask(options.state, "clear-faults")
        return 0
    if not options.operation or not options.error:
        raise Trouble("Say which operation and which --error, or --clear.")
    ask(
        options.state,
        "fault",
        operation=options.operation,
        error=options.error,
        times=options.times,
        after=options.after,
        message=options.message,
        seconds=options.seconds,
    )
    return 0


def retire(options: argparse.Namespace) -> int:
    ask(options.state, "sell", kind=options.kind, id=options.id, sold=False)
    print(f"The {options.kind} {options.id} is no longer sold; what was made of it stays.")
    return 0


def offer(options: argparse.Namespace) -> int:
    ask(options.state, "sell", kind=options.kind, id=options.id, sold=True)
    print(f"The {options.kind} {options.id} is sold.")
    return 0


def reset(options: argparse.Namespace) -> int:
    ask(options.state, "reset", timeout=DOWN_TIMEOUT)
    print("Everything in this cloud is gone; it stays up.")
    return 0


def domain(options: argparse.Namespace) -> int:
    records = None
    if options.records:
        records = _read_records(options.records)
    print(json.dumps(ask(options.state, "domain", name=options.name, registrant=options.registrant, records=records), indent=2))
    return 0


def _read_records(path: str) -> list[Any]:
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text()
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}.") from error
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError as error:
            raise Trouble(f"{path} is not valid JSON: {error}.") from error
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def delegate(options: argparse.Namespace) -> int:
    print(json.dumps(ask(options.state, "delegate", name=options.name, undelegate=options.undelegate), indent=2))
    return 0


def confirm(options: argparse.Namespace) -> int:
    print(json.dumps(ask(options.state, "confirm", region=options.region), indent=2))
    return 0


def health(options: argparse.Namespace) -> int:
    ask(options.state, "health", instance=options.instance, health=options.health_state, reason=options.reason)
    return 0


def quota(options: argparse.Namespace) -> int:
    ask(options.state, "quota", name=options.name, value=options.value)
    return 0


def prune_images(options: argparse.Namespace) -> int:
    # Late: no other sub-command needs podman.
    from . import images
    from .data_plane import DataPlaneError

    try:
        removed, used = images.prune()
    except DataPlaneError as error:
        raise Trouble(f"{error}.") from error
    for image in used:
        print(f"kept, in use: {image}")
    for image in removed:
        print(f"removed: {image}")
    print(f"{len(removed)} images of earlier recipes removed, {len(used)} kept because hosts or snapshots are made of them.")
    return 0


# -- the command line ----------------------------------------------------------------------------------------------
def _scale(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not a number of 0 or more")
    return value


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port")
    return int(text)


def _duration(text: str) -> tuple[str, float] | None:
    if text == NONE:
        return None
    name, _, seconds = text.partition("=")
    name = name.replace("_", " ")
    if name not in RESOURCES:
        raise argparse.ArgumentTypeError(f"{text}: nothing takes a time called {name}; there is {', '.join(item.replace(' ', '_') for item in RESOURCES)}")
    try:
        value = float(seconds)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text}: give NAME=SECONDS, with a number of 0 or more")
    return name, value


def build_parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--state", type=Path, default=default_state(), metavar="DIR", help="where this cloud lives (default: %(default)s)"
    )
    parser = argparse.ArgumentParser(
        prog="lightsail-local", description="A local Amazon Lightsail: the AWS protocol in front, real servers behind."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, function: Any, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, parents=[common], help=help, description=help)
        sub.set_defaults(function=function)
        return sub

    sub = add("up", up, "Start the cloud; returns when it is ready.")
    sub.add_argument("--data-plane", choices=("hosts", "none"), help="real servers (default), or state only")
    sub.add_argument("--port", type=_port, help=f"port of the API on 127.0.0.1 (default: {DEFAULT_PORT} or the next free)")
    sub.add_argument("--time-scale", type=_scale, help=f"1 takes as long as AWS, 0 is instant (default: {DEFAULT_SCALE})")
    sub.add_argument(
        "--duration",
        type=_duration,
        action="append",
        metavar="NAME=SECONDS",
        help="how long one thing takes, for instance first_boot=300 or bucket_authority=60, whatever the time scale; may be repeated; kept until none",
    )
    sub.add_argument(
        "--variant",
        choices=(*VARIANTS, NONE),
        action="append",
        help="how new WordPress hosts differ from the usual ones, in what is not on record; may be repeated; kept until none",
    )
    sub = add("status", status, "What runs, where, how healthy.")
    sub.add_argument("--json", action="store_true")
    add("env", env, "Shell exports for clients: eval \"$(lightsail-local env)\".")
    sub = add("resolve", resolve, "The address that a name of this cloud has now.")
    sub.add_argument("name")
    sub = add("calls", calls, "The log of API calls; * marks those that change something.")
    sub.add_argument("--json", action="store_true")
    sub.add_argument("--forget", action="store_true", help="empty the log")
    sub = add("fault", fault, "Make the next calls of an operation fail.")
    sub.add_argument("operation", nargs="?", help="name of the API operation, * for all")
    sub.add_argument("--error", metavar="ERROR", help=f"{', '.join(KINDS)}, or the name of an error class")
    sub.add_argument("--times", type=int, default=1)
    sub.add_argument("--after", type=int, default=0, metavar="N", help="let N calls through first")
    sub.add_argument("--message", help="text of the error")
    sub.add_argument("--seconds", type=float, help="how long a timeout lasts (default: 75)")
    sub.add_argument("--clear", action="store_true", help="forget all faults")
    for name, function, help in (
        ("retire", retire, "Sell something no longer, as AWS may do; what was made of it stays."),
        ("offer", offer, "Sell something again."),
    ):
        sub = add(name, function, help)
        sub.add_argument("kind", choices=OFFERS)
        sub.add_argument("id", help="for instance wordpress_ls_1_0")
    add("reset", reset, "Forget everything, remove all hosts; the cloud stays up.")
    add("down", down, "Stop the cloud; its state is kept.")
    add("prune-images", prune_images, "Remove images of earlier recipes that nothing is made of.")
    sub = add("domain", domain, "Declare that a domain name is registered, by the owner's account or elsewhere.")
    sub.add_argument("name")
    sub.add_argument("--registrant", choices=("owner", "elsewhere"), default="elsewhere")
    sub.add_argument("--records", metavar="FILE", help='what its own DNS serves: JSON, or lines "name type target"')
    sub = add("delegate", delegate, "Do what an owner does at the registrar: point a name at its Lightsail zone.")
    sub.add_argument("name")
    direction = sub.add_mutually_exclusive_group()
    direction.add_argument("--to-lightsail", action="store_true", help="(default)")
    direction.add_argument("--undelegate", action="store_true", help="point it back at the registrar's servers")
    sub = add("confirm", confirm, "Do what an owner does with the mail that verifies an email address for notifications.")
    sub.add_argument("region")
    sub = add("health", health, "With data plane none: say what health a load balancer sees at an instance.")
    sub.add_argument("instance")
    sub.add_argument("health_state", choices=("healthy", "unhealthy"))
    sub.add_argument("--reason", default=None, help="e.g. Instance.ResponseCodeMismatch")
    sub = add("quota", quota, "Change a quota of the account.")
    sub.add_argument("name")
    sub.add_argument("value", type=int)
    return parser


def main(arguments: list[str] | None = None) -> int:
    options = build_parser().parse_args(arguments)
    options.state = options.state.expanduser().absolute()
    try:
        return options.function(options)
    except Trouble as error:
        print(f"lightsail-local: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
