# SPDX-License-Identifier: GPL-3.0-or-later
"""The command, as a user calls it, and a state that survives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lightsail_local import cli
from lightsail_local.daemon import Daemon
from lightsail_local.data_plane.base import DataPlaneError
from lightsail_local.store import StateError, Store

ROOT = Path(__file__).resolve().parents[3]


class Command:
    def __init__(self, state: Path) -> None:
        self.state = state

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", "lightsail_local", *arguments, "--state", str(self.state)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
        )
        assert not check or result.returncode == 0, result.stderr
        return result


@pytest.fixture
def command(tmp_path):
    command = Command(tmp_path / "cloud")
    yield command
    command("down", check=False)


def aws(command, code):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    for line in command("env").stdout.splitlines():
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            environment[name] = value.strip("'")
    script = f"import boto3; client = boto3.client('lightsail'); print({code})"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_no_call_to_another_service_leaves_the_machine(command):
    """Endpoint and keys of `env` are all that a client needs; without an endpoint for them all, STS would be asked at AWS."""
    command("up", "--data-plane", "none")
    who = aws(command, "boto3.client('sts').get_caller_identity()['Arn']")
    assert who == "arn:aws:iam::123456789012:user/lightsail-local"
    code = "[boto3.client(name)._endpoint.host.split(':')[1] for name in ('sqs', 'ec2', 's3', 'lightsail', 'route53domains')]"
    assert aws(command, code) == str(["//127.0.0.1"] * 5)


def test_state_survives_down_and_up(command):
    started = time.monotonic()
    command("up", "--data-plane", "none")
    assert time.monotonic() - started < 5
    assert "runs already" in command("up").stdout
    address = aws(command, "client.allocate_static_ip(staticIpName='ip') and client.get_static_ip(staticIpName='ip')['staticIp']['ipAddress']")
    assert command("resolve", "ip").stdout.strip() == address
    port = json.loads(command("status", "--json").stdout)["port"]
    command("down")
    assert command("status", check=False).returncode == 3
    command("up")
    assert json.loads(command("status", "--json").stdout)["port"] == port
    assert aws(command, "client.get_static_ip(staticIpName='ip')['staticIp']['ipAddress']") == address
    calls = json.loads(command("calls", "--json").stdout)
    assert [call["operation"] for call in calls if call["mutating"]] == ["AllocateStaticIp"]
    assert {"time", "operation", "region", "mutating", "outcome"} <= set(calls[0])
    command("reset")
    assert aws(command, "client.get_static_ips()['staticIps']") == "[]"


BLUEPRINTS = "[item['blueprintId'] for item in client.get_blueprints()['blueprints'] if 'wordpress' in item['blueprintId']]"


def test_what_is_sold_is_kept_over_down_and_up_until_a_reset(command):
    command("up", "--data-plane", "none")
    assert aws(command, BLUEPRINTS) == "['wordpress_ls_1_0']"
    assert "wordpress_ls_1_0 is no longer sold" in command("retire", "blueprint", "wordpress_ls_1_0").stdout
    assert "wordpress is sold" in command("offer", "blueprint", "wordpress").stdout
    assert aws(command, BLUEPRINTS) == "['wordpress']"
    command("down")
    command("up")
    assert aws(command, BLUEPRINTS) == "['wordpress']"
    command("reset")
    assert aws(command, BLUEPRINTS) == "['wordpress_ls_1_0']"
    refused = command("retire", "blueprint", "wordpres", check=False)
    assert refused.returncode != 0 and "The catalogue has no blueprint wordpres; it has amazon_linux," in refused.stderr
    assert "invalid choice: 'disk'" in command("retire", "disk", "x", check=False).stderr


def test_what_a_rehearsal_wishes_is_kept_over_down_and_up(command):
    def now():
        status = json.loads(command("status", "--json").stdout)
        return status["durations"], status["variants"]

    wishes = ("--duration", "first_boot=300", "--duration", "bucket_authority=60", "--variant", "config-0640", "--variant", "no-redirect")
    command("up", "--data-plane", "none", *wishes)
    assert now() == ({"first boot": 300.0, "bucket authority": 60.0}, ["config-0640", "no-redirect"])
    assert "runs already" in command("up", *wishes).stdout
    assert "runs with other durations; take it down first" in command("up", "--duration", "ssh=1", check=False).stderr
    command("down")
    command("up")
    assert now() == ({"first boot": 300.0, "bucket authority": 60.0}, ["config-0640", "no-redirect"])
    command("down")
    command("up", "--duration", "ssh=1", "--variant", "none")
    assert now() == ({"ssh": 1.0}, [])


def test_work_under_way_goes_on_after_up(command):
    command("up", "--data-plane", "none", "--time-scale", "0.01")
    aws(
        command,
        "client.create_relational_database(relationalDatabaseName='db', relationalDatabaseBlueprintId='mysql_8_0', "
        "relationalDatabaseBundleId='micro_2_0', masterDatabaseName='wordpress', masterUsername='dbmasteruser')",
    )
    command("down")
    time.sleep(5)
    command("up")
    assert aws(command, "client.get_relational_database(relationalDatabaseName='db')['relationalDatabase']['state']") == "available"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["resolve", "nobody.example"], "No cloud runs in"),
        (["up", "--port", "70000"], "is not a port"),
        (["up", "--time-scale", "fast"], "is not a number of 0 or more"),
        (["up", "--data-plane", "paper"], "invalid choice"),
        (["fault"], "Say which operation"),
        (["up", "--duration", "lunch=60"], "nothing takes a time called lunch; there is instance_running,"),
        (["up", "--duration", "ssh=soon"], "give NAME=SECONDS, with a number of 0 or more"),
        (["up", "--variant", "pink"], "invalid choice"),
        (["retire", "blueprint", "wordpress_ls_1_0"], "No cloud runs in"),
    ],
)
def test_bad_input_is_one_sentence(command, arguments, text):
    result = command(*arguments, check=False)
    assert result.returncode != 0
    assert text in result.stderr
    assert "Traceback" not in result.stderr


def test_a_taken_port_is_said(command, tmp_path, cloud):
    result = command("up", "--data-plane", "none", "--port", str(cloud.daemon.port), check=False)
    assert "is taken by another program" in result.stderr


def test_a_state_file_from_elsewhere_is_refused(tmp_path):
    (tmp_path / "state.json").write_text('{"format": 99}')
    with pytest.raises(StateError, match="has format 99"):
        Store(tmp_path / "state.json")
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(StateError, match="cannot be read"):
        Store(tmp_path / "state.json")


def test_a_data_plane_that_cannot_do_it_fails_the_operation(cloud, monkeypatch):
    client = cloud.client()
    client.create_instances(
        instanceNames=["one"], availabilityZone="eu-central-1a", blueprintId="wordpress_ls_1_0", bundleId="small_3_0"
    )
    cloud.wait_until(lambda: client.get_instance_state(instanceName="one")["state"]["name"] == "running")

    def broken(*arguments):
        raise DataPlaneError("The firewall is on fire.")

    monkeypatch.setattr(cloud.daemon.cloud.data_plane, "set_firewall", broken)
    operation = client.put_instance_public_ports(
        instanceName="one", portInfos=[{"fromPort": 22, "toPort": 22, "protocol": "tcp"}]
    )["operation"]
    assert (operation["status"], operation["errorDetails"]) == ("Failed", "The firewall is on fire.")
    assert client.get_operation(operationId=operation["id"])["operation"]["status"] == "Failed"


def test_a_resource_is_ready_when_clock_and_data_plane_are(tmp_path, monkeypatch):
    """Time scale 0: nothing is due later, so only the data plane's work counts."""
    daemon = Daemon(tmp_path / "cloud", time_scale=0)
    daemon.start()
    try:
        import boto3

        account = daemon.cloud.account
        client = boto3.client(
            "lightsail",
            region_name="eu-central-1",
            endpoint_url=daemon.endpoint,
            aws_access_key_id=account["access_key_id"],
            aws_secret_access_key=account["secret_access_key"],
        )
        made = daemon.cloud.data_plane.create_instance

        def slow(*arguments, **options):
            time.sleep(0.5)
            return made(*arguments, **options)

        monkeypatch.setattr(daemon.cloud.data_plane, "create_instance", slow)
        client.create_instances(
            instanceNames=["one"], availabilityZone="eu-central-1a", blueprintId="wordpress_ls_1_0", bundleId="small_3_0"
        )
        assert client.get_instance_state(instanceName="one")["state"]["name"] == "pending"
        time.sleep(0.8)
        assert client.get_instance_state(instanceName="one")["state"]["name"] == "running"
    finally:
        daemon.stop()


def test_killed_and_started_twice_at_once(command):
    command("up", "--data-plane", "none")
    os.kill(json.loads(command("status", "--json").stdout)["pid"], 9)
    line = [sys.executable, "-m", "lightsail_local", "up", "--state", str(command.state)]
    both = [subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
    assert json.loads(command("status", "--json").stdout)["running"] is True


def test_the_last_words_of_a_start_that_failed_are_all_told(tmp_path):
    """Why an image could not be made is in the lines below the first."""
    log = tmp_path / "daemon.log"
    log.write_text("ERROR: of an earlier start\n")
    offset = log.stat().st_size
    with log.open("ab") as output:
        process = subprocess.Popen(["sh", "-c", "echo PROGRESS: building; echo ERROR: no image:; echo mv: no such file; exit 1"], stdout=output)
    with pytest.raises(cli.Trouble, match="^no image:\nmv: no such file$"):
        cli._wait_until_ready(tmp_path, process, log, offset, timeout=10)
