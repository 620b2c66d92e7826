"""One local cloud with real hosts for all end-to-end tests, and the eyes of a visitor.

The tests of this folder are one story in the order of their files and lines: a site is planned, built, visited,
damaged, repaired and removed.
"""

from __future__ import annotations

import base64
import errno
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import botocore.exceptions
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from layouts import LAYOUTS, Layout, layout  # noqa: E402

BIN = Path(sys.executable).parent


def until(call, refused: type, seconds: float = 20):
    """Call again until it is no longer refused; return what it returns."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return call()
        except refused:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@dataclass
class Answer:
    """What a visitor got: status, headers with lower-case names, cookies by name, body."""

    status: int
    headers: dict
    cookies: dict
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass
class Run:
    """One run of ansible-playbook: exit status, output, seconds, the API calls it made, and what it reported as changed."""

    status: int
    output: str
    seconds: float
    calls: list = field(default_factory=list)
    changes: set = field(default_factory=set)  # "host: task" or "host: task: item"

    @property
    def changed(self) -> int:
        return sum(int(number) for number in re.findall(r"changed=(\d+)", self.output))

    @property
    def mutating(self) -> list:
        return [call["operation"] for call in self.calls if call["mutating"]]

    @property
    def outcome(self) -> str:
        found = re.search(r"- outcome +(\w+)", self.output)
        return found[1] if found else ""


class Cloud:
    """The local cloud of these tests, and the kind of its hosts."""

    def __init__(self, state: Path, kind: Layout | None = None):
        self.state, self.layout = state, kind or layout()
        # What an owner who wants hosts of this kind tells every playbook.
        self.wish = [] if self.layout.name == "lightsail" else ["-e", f"site_web_blueprint={self.layout.blueprint}"]
        self.environment = {**os.environ, "LIGHTSAIL_LOCAL_STATE": str(state), "PATH": f"{BIN}:{os.environ['PATH']}",
                            "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOLOR": "1"}

    def command(self, *words: str, check: bool = True) -> str:
        done = subprocess.run([BIN / "lightsail-local", *words, "--state", self.state], capture_output=True, text=True,
                              env=self.environment, timeout=900)
        if check and done.returncode:
            raise AssertionError(f"lightsail-local {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def up(self, *arguments: str) -> None:
        """Start it, on any free port: another cloud may start at the same time."""
        self.command("up", "--port", "0", *arguments)
        if self.layout.name == "bitnami":
            self.command("offer", "blueprint", self.layout.blueprint)  # AWS does no longer

    def made_of(self) -> list:
        """Return what of AWS's catalogue the site's nodes and database are made of: pairs of kind and id."""
        client = self.client()
        node = client.get_instance(instanceName="rehearsal-web-1")["instance"]
        database = client.get_relational_database(relationalDatabaseName="rehearsal-db")["relationalDatabase"]
        return [("blueprint", node["blueprintId"]), ("bundle", node["bundleId"]), ("database-blueprint", database["relationalDatabaseBlueprintId"])]

    def calls(self) -> list:
        return json.loads(self.command("calls", "--json"))

    def play(self, playbook: str = "playbooks/site.yml", *arguments: str, timeout: int = 900) -> Run:
        """Run a playbook against the cloud and return what happened."""
        before = len(self.calls())
        started = time.monotonic()
        changes = self.state / "changes.log"
        changes.write_text("")
        environment = {**self.environment, "CHANGES": str(changes), "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback"),
                       "ANSIBLE_CALLBACKS_ENABLED": "changes"}
        done = subprocess.run([BIN / "ansible-playbook", playbook, *self.wish, *arguments], cwd=ROOT, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout)
        run = Run(done.returncode, done.stdout, time.monotonic() - started, self.calls()[before:], set(changes.read_text().splitlines()))
        log = self.state / "runs.log"
        with log.open("a") as handle:
            handle.write(run.output)
        return run

    def start(self, playbook: str, *arguments: str) -> subprocess.Popen:
        """Start a playbook and return its process at once."""
        return subprocess.Popen([BIN / "ansible-playbook", playbook, *self.wish, *arguments], cwd=ROOT, env=self.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @property
    def details(self) -> dict:
        return json.loads((self.state / "cloud.json").read_text())

    def client(self, region: str = "eu-central-1", service: str = "lightsail"):
        """Return a boto3 client of this cloud's Lightsail, or of its registrar."""
        cloud = self.details
        return boto3.client(service, region_name=region, endpoint_url=cloud["endpoint"],
                            aws_access_key_id=cloud["access_key_id"], aws_secret_access_key=cloud["secret_access_key"])

    def distribution(self, name: str = "rehearsal-cdn") -> dict:
        return self.client(region="us-east-1").get_distributions(distributionName=name)["distributions"][0]

    def objects(self, bucket: str) -> list:
        """Return the keys of all objects, read with an access key of the bucket that lives as long as the reading."""
        cloud, client = self.details, self.client()
        key = client.create_bucket_access_key(bucketName=bucket)["accessKey"]
        s3 = boto3.client("s3", region_name="eu-central-1", endpoint_url=cloud["s3_endpoint"], verify=cloud["ca_bundle"],
                          aws_access_key_id=key["accessKeyId"], aws_secret_access_key=key["secretAccessKey"])
        try:
            # A key works some time after it was made.
            return [row["Key"] for row in until(lambda: s3.list_objects_v2(Bucket=bucket), botocore.exceptions.ClientError).get("Contents", [])]
        finally:
            client.delete_bucket_access_key(bucketName=bucket, accessKeyId=key["accessKeyId"])

    def resolve(self, name: str) -> str:
        return self.command("resolve", name).split()[0]

    def visit(self, url: str, cookies: dict | None = None, address: str = "", timeout: float = 20, headers: dict | None = None,
              verify: bool = True) -> Answer:
        """Fetch a URL as a visitor: real DNS answer, verified TLS, no redirect followed."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        sock = socket.create_connection((address or self.resolve(parts.hostname), port), timeout=timeout)
        if parts.scheme == "https":
            trust = ssl.create_default_context(cafile=self.details["local_ca"]) if verify else ssl._create_unverified_context()
            sock = trust.wrap_socket(sock, server_hostname=parts.hostname)
        connection = http.client.HTTPConnection(parts.hostname, port, timeout=timeout)
        connection.sock = sock
        sent = {"Host": parts.netloc if parts.port not in (None, 80, 443) else parts.hostname, "Connection": "close", **(headers or {})}
        if cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers=sent)
        response = connection.getresponse()
        got = {}
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                got[key] = rest.split(";")[0]
        answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, got, response.read())
        connection.close()
        return answer

    def visit_host(self, address: str) -> Answer:
        """Fetch the front page of a host under its number, as a designer does: a new one may lead to https, for which nobody signs."""
        answer = self.visit(f"http://{address}/", address=address)
        if answer.status == 301:
            assert answer.headers["location"] == f"https://{address}/"
            answer = self.visit(f"https://{address}/", address=address, verify=False)
        return answer

    def ssh(self, node: str, command: str) -> str:
        """Run a command on a node as root, the way the owner would."""
        site = self.state / "sites" / "rehearsal"
        address = self.client().get_instance(instanceName=node)["instance"]["publicIpAddress"]
        done = subprocess.run(
            ["ssh", "-i", site / "id_ed25519", "-o", f"UserKnownHostsFile={site / 'known_hosts'}", "-o", f"HostKeyAlias={node}",
             "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", f"{self.layout.login}@{address}", f"sudo sh -c '{command}'"],
            capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"{command!r} on {node}: {done.stdout}{done.stderr}"
        return done.stdout

    def php(self, node: str, code: str) -> str:
        """Run PHP inside WordPress on a node, as the web server's user, and return what it says."""
        start = f"""<?php $_SERVER += ["HTTP_HOST" => "localhost", "REQUEST_URI" => "/"]; require "{self.layout.root}/wp-load.php"; """
        script = base64.b64encode((start + code).encode()).decode()
        return self.ssh(node, f"echo {script} | base64 -d | runuser -u {self.layout.web_user} -- {self.layout.php}")


class Machine:
    """This machine: what was made to listen on it for the tests, and what listened before any cloud came."""

    def __init__(self, held: list):
        self.held, self.before = held, self.listeners()

    @staticmethod
    def listeners() -> set:
        """Return (address, port) of every TCP socket that waits for connections."""
        lines = subprocess.run(["ss", "-Hltn"], check=True, capture_output=True, text=True).stdout.splitlines()
        return {tuple(line.split()[3].rsplit(":", 1)) for line in lines}


@pytest.fixture(scope="session")
def busy_machine():
    """A machine like most: something listens on the ports of SSH, DNS and the web, on every address."""
    held = []
    for port, kind in ((22, socket.SOCK_STREAM), (53, socket.SOCK_STREAM), (53, socket.SOCK_DGRAM), (80, socket.SOCK_STREAM), (443, socket.SOCK_STREAM)):
        sock = socket.socket(socket.AF_INET, kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("0.0.0.0", port))
        except OSError as error:
            assert error.errno == errno.EADDRINUSE  # then the machine itself has such a listener
            continue
        if kind == socket.SOCK_STREAM:
            sock.listen()
        held.append(sock)
    yield Machine(held)
    for sock in held:
        sock.close()


@contextmanager
def cloud_until_the_end(state: Path, kind: Layout | None = None):
    cloud = Cloud(state, kind)
    try:
        cloud.up()
        yield cloud
    finally:
        cloud.command("reset", check=False)
        cloud.command("down", check=False)


@pytest.fixture(scope="session")
def cloud(busy_machine, tmp_path_factory):
    """The local cloud of the story, with real hosts, removed at the end. CLOUDPRESS_LAYOUT=bitnami tells it on Bitnami's.

    To repeat one chapter without the ones before it, name the state directory of a cloud that is up: CLOUDPRESS_STORY=DIR.
    """
    if "CLOUDPRESS_STORY" in os.environ:
        yield Cloud(Path(os.environ["CLOUDPRESS_STORY"]))
    else:
        with cloud_until_the_end(tmp_path_factory.mktemp("cloud")) as cloud:
            yield cloud


@pytest.fixture(scope="module")
def own_cloud(busy_machine, tmp_path_factory):
    """A local cloud for one file of tests that is no part of the story."""
    with cloud_until_the_end(tmp_path_factory.mktemp("own_cloud")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def bitnami_cloud(busy_machine, tmp_path_factory):
    """A local cloud with Bitnami hosts, whatever kind the story is about."""
    with cloud_until_the_end(tmp_path_factory.mktemp("bitnami"), LAYOUTS["bitnami"]) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def make_cloud(tmp_path_factory):
    """Make a further cloud, by default one without hosts, which is there in a second; removed at the end."""
    made = []

    def make(data_plane: str = "none", *arguments: str) -> Cloud:
        cloud = Cloud(tmp_path_factory.mktemp(data_plane))
        made.append(cloud)
        cloud.up("--data-plane", data_plane, *arguments)
        return cloud

    yield make
    for cloud in made:
        cloud.command("reset", check=False)
        cloud.command("down", check=False)
