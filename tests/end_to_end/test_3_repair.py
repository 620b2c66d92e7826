"""What an owner, an accident or a stranger breaks, the next run repairs; what it cannot repair it says.

A damage is a generator: it breaks something, yields the changes that the repairing run must report, and is run on after it to look
whether the thing is whole again. All are done at once, and the run must report exactly what they expect together.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(1800)  # for a machine that does other things too

SITE = "https://www.cloudpress-rehearsal.com"
BUCKET = "rehearsal-cloudpress-rehearsal-com-media"
WEB_1, WEB_2 = "rehearsal-web-1", "rehearsal-web-2"

LOCAL_DATABASE = "pgrep -c -x \"mariadbd|mysqld\" || true"

DAMAGES = []


def damage(function):
    DAMAGES.append(function)
    return function


# ---------------------------------------------------------------- on hosts

@damage
def an_entry_of_cron(cloud):  # wordpress_web_node
    cloud.ssh(WEB_2, "rm -f /etc/cron.d/cloudpress-wordpress")
    yield {f"{WEB_2}: Run due events every minute, or with visitors' requests"}
    assert "cron.php" in cloud.ssh(WEB_2, "cat /etc/cron.d/cloudpress-wordpress")


@damage
def the_answer_to_health_checks(cloud):  # wordpress_web_node
    cloud.ssh(WEB_2, f"rm -f {cloud.layout.state}/health/ok.txt")
    yield {f"{WEB_2}: {task}" for task in ("Write the site of the node and the answer to health checks", "Reload the web server of the node")}
    assert cloud.ssh(WEB_2, f"cat {cloud.layout.state}/health/ok.txt") == "ok\n"


@damage
def the_local_database_switched_on(cloud):  # wordpress_web_node
    cloud.ssh(WEB_1, cloud.layout.start_database)
    assert cloud.ssh(WEB_1, LOCAL_DATABASE).strip() != "0"
    yield {f"{WEB_1}: Stop the local database and keep it off"}
    assert cloud.ssh(WEB_1, LOCAL_DATABASE).strip() == "0"


@damage
def a_constant_in_wp_config(cloud):  # wp_config, wordpress_web_node
    cloud.ssh(WEB_1, f"sed -i /DISALLOW_FILE_MODS/d {cloud.layout.config}")
    yield {f"{WEB_1}: {task}" for task in ("Set constants and the recognition of HTTPS in wp-config.php", "Restart PHP on the web node")}
    assert cloud.php(WEB_1, "var_export(DISALLOW_FILE_MODS);") == "true"


@damage
def the_address_of_the_database(cloud):  # wordpress_config
    cloud.ssh(WEB_2, f"sed -i /DB_HOST/s/ls-[0-9a-f]*/ls-gone/ {cloud.layout.config}")
    yield {f"{WEB_2}: Set constants and code in wp-config.php", f"{WEB_2}: Restart PHP after wp-config.php"}
    assert "ls-gone" not in cloud.ssh(WEB_2, f"cat {cloud.layout.config}")


@damage
def the_rights_of_the_databases_account(cloud):  # wordpress_database
    rights = "SHOW GRANTS FOR wordpress", "SELECT ssl_type FROM mysql.user WHERE user = 'wordpress'"
    before = _as_administrator(cloud, *rights)
    _as_administrator(cloud, "GRANT SELECT ON *.* TO wordpress", "ALTER USER wordpress REQUIRE NONE")
    assert _as_administrator(cloud, *rights) != before
    yield {f"{WEB_1}: See that the database lets WordPress in, and to nothing else"}
    assert _as_administrator(cloud, *rights) == before


def _as_administrator(cloud, *statements):
    password = cloud.client().get_relational_database_master_user_password(relationalDatabaseName="rehearsal-db")["masterUserPassword"]
    request = base64.b64encode(json.dumps([password, statements]).encode()).decode()
    return json.loads(cloud.php(WEB_1, f"""[$password, $statements] = json_decode(base64_decode("{request}"));
        $sql = mysqli_init();
        $sql->real_connect(strtok(DB_HOST, ":"), "dbmasteruser", $password, null, 3306, null, MYSQLI_CLIENT_SSL);
        foreach ($statements as $statement) {{
            $answer = $sql->query($statement);
            $answers[] = is_bool($answer) ? $answer : $answer->fetch_all();
        }}
        echo json_encode($answers);"""))


@damage
def what_is_trusted_of_the_database(cloud):  # wordpress_database
    bundle = f"{cloud.layout.state}/database-ca.pem"
    cloud.ssh(WEB_2, f"rm {bundle}")
    yield {f"{WEB_2}: {task}" for task in (f"Keep the database's authority and the bundle of all: {bundle}", "Start PHP anew with the authorities")}
    assert "BEGIN CERTIFICATE" in cloud.ssh(WEB_2, f"cat {bundle}")


@damage
def what_shares_the_files_of_plugins(cloud):  # wordpress_shared_files
    cloud.ssh(WEB_2, f"rm {cloud.layout.content}/mu-plugins/cloudpress-shared-files.php /etc/cloudpress/shared-files.json")
    yield {f"{WEB_2}: {task}" for task in ("Put the plugin in place that fetches what has not arrived yet", "Say where to fetch what has not arrived yet")}
    assert WEB_1 in cloud.ssh(WEB_2, "cat /etc/cloudpress/shared-files.json")


@damage
def what_is_known_of_replaced_addresses(cloud):  # wordpress_web_node; they are replaced once, and that is written down
    cloud.php(WEB_1, """update_option("story", ["picture" => "http://127.0.0.1/wp-content/ridge.jpg"]); delete_option("cloudpress_rewritten");""")
    yield {f"{WEB_1}: Replace old addresses in the content"}
    assert cloud.php(WEB_1, """echo get_option("story")["picture"]; delete_option("story");""") == f"{SITE}/wp-content/ridge.jpg"


@damage
def the_plugin_on_one_node(cloud):  # wordpress_offload
    cloud.ssh(WEB_2, f"rm -r {cloud.layout.content}/plugins/amazon-s3-and-cloudfront")
    yield {f"{WEB_2}: {task}" for task in ("Copy the plugin's zip to the host", "Put the plugin in place", "Make PHP read the new settings at once")}
    cloud.ssh(WEB_2, f"test -e {cloud.layout.content}/plugins/amazon-s3-and-cloudfront/wordpress-s3.php")


@damage
def the_plugins_settings_in_wp_config(cloud):  # wordpress_offload
    cloud.ssh(WEB_1, f"sed -i s/{BUCKET}/another-bucket/ {cloud.layout.config}")
    assert "another-bucket" in cloud.ssh(WEB_1, f"cat {cloud.layout.config}")
    yield {f"{WEB_1}: {task}" for task in ("Set the bucket and the way into it", "Make PHP read the new settings at once")}
    assert "another-bucket" not in cloud.ssh(WEB_1, f"cat {cloud.layout.config}")


@damage
def the_plugins_activation_and_switches(cloud):  # wordpress_offload; in the database, so whichever node comes first sees it
    cloud.php(WEB_1, """$settings = get_option("tantan_wordpress_s3"); $settings["serve-from-s3"] = false; update_option("tantan_wordpress_s3", $settings);
        update_option("active_plugins", array_values(array_diff(get_option("active_plugins"), ["amazon-s3-and-cloudfront/wordpress-s3.php"])));""")
    yield {"a node: Activate the plugin", "a node: Send what is missing, look at every object, set the switches"}
    assert cloud.php(WEB_2, """echo (int) get_option("tantan_wordpress_s3")["serve-from-s3"];""") == "1"
    assert "https://media.cloudpress-rehearsal.com/" in cloud.visit(f"{SITE}/").text


# ---------------------------------------------------------------- in the account

@damage
def the_key_pair(cloud):  # lightsail_key_pair
    cloud.client().delete_key_pair(keyPairName="rehearsal-key")
    yield {"localhost: Import the key pair"}
    assert "rehearsal-key" in [row["name"] for row in cloud.client().get_key_pairs()["keyPairs"]]


@damage
def the_firewall(cloud):  # lightsail_instance
    cloud.client().open_instance_public_ports(instanceName=WEB_1, portInfo={"fromPort": 80, "toPort": 80, "protocol": "tcp"})
    yield {f"localhost: Have it running: {WEB_1}"}
    ports = cloud.client().get_instance_port_states(instanceName=WEB_1)["portStates"]
    assert [row["fromPort"] for row in ports if row["state"] == "open"] == [22]


@damage
def a_static_ip(cloud):  # lightsail_static_ip
    cloud.client().detach_static_ip(staticIpName=f"{WEB_2}-ip")
    yield {f"localhost: Attach the static IP: {WEB_2}"}
    assert cloud.client().get_static_ip(staticIpName=f"{WEB_2}-ip")["staticIp"]["attachedTo"] == WEB_2


@damage
def a_node_switched_off(cloud):  # lightsail_instance
    cloud.client().stop_instance(instanceName=WEB_2)
    _until(lambda: cloud.client().get_instance(instanceName=WEB_2)["instance"]["state"]["name"] == "stopped")
    yield {f"localhost: Have it running: {WEB_2}"}
    assert cloud.client().get_instance(instanceName=WEB_2)["instance"]["state"]["name"] == "running"


@damage
def the_rule_of_the_bucket(cloud):  # lightsail_bucket
    cloud.client().update_bucket(bucketName=BUCKET, accessRules={"getObject": "public", "allowPublicOverrides": True})
    yield {"localhost: Make the bucket"}
    assert cloud.client().get_buckets(bucketName=BUCKET)["buckets"][0]["accessRules"] == {"getObject": "private", "allowPublicOverrides": False}


@damage
def access_to_the_bucket(cloud):  # lightsail_bucket_access
    cloud.client().set_resource_access_for_bucket(resourceName=WEB_2, bucketName=BUCKET, access="deny")
    yield {"localhost: Attach the bucket to the nodes"}
    bucket = cloud.client().get_buckets(bucketName=BUCKET, includeConnectedResources=True)["buckets"][0]
    assert {row["name"] for row in bucket["resourcesReceivingAccess"]} == {WEB_1, WEB_2}


@damage
def the_database(cloud):  # lightsail_database
    client = cloud.client()
    client.update_relational_database(relationalDatabaseName="rehearsal-db", publiclyAccessible=True, applyImmediately=True)
    _until(lambda: _database(client)["state"] == "available" and _database(client)["publiclyAccessible"])
    yield {"localhost: Have the database available"}
    assert not _database(client)["publiclyAccessible"]


def _database(client):
    return client.get_relational_database(relationalDatabaseName="rehearsal-db")["relationalDatabase"]


@damage
def records(cloud):  # lightsail_dns_record: one gone, one that leads elsewhere
    dns, domain = cloud.client(region="us-east-1"), "cloudpress-rehearsal.com"
    for entry in dns.get_domain(domainName=domain)["domain"]["domainEntries"]:
        if entry["name"] == f"www.{domain}":
            dns.delete_domain_entry(domainName=domain, domainEntry=entry)
        if entry["name"] == f"media.{domain}":
            dns.update_domain_entry(domainName=domain, domainEntry={**entry, "target": "d0000000000000.cloudfront.net"})
    yield {f"localhost: Point the names of the site at the load balancer: www.{domain}", "localhost: Point the media host at the distribution"}
    targets = {entry["name"]: entry["target"] for entry in dns.get_domain(domainName=domain)["domain"]["domainEntries"] if entry["type"] == "A"}
    assert targets[f"www.{domain}"] == targets[domain] and targets[f"media.{domain}"] == cloud.distribution()["domainName"]


@damage
def the_name_servers_at_the_registrar(cloud):  # route53_domain
    registrar = cloud.client(service="route53domains", region="us-east-1")
    before = registrar.get_domain_detail(DomainName="cloudpress-rehearsal.com")["Nameservers"]
    registrar.update_domain_nameservers(DomainName="cloudpress-rehearsal.com", Nameservers=[{"Name": "ns1.example.net"}, {"Name": "ns2.example.net"}])
    _until(lambda: registrar.get_domain_detail(DomainName="cloudpress-rehearsal.com")["Nameservers"] != before)
    yield {"localhost: Register the domain on explicit order and see who its name servers are"}
    after = registrar.get_domain_detail(DomainName="cloudpress-rehearsal.com")["Nameservers"]
    assert {row["Name"] for row in after} == {row["Name"] for row in before}


@damage
def the_load_balancer(cloud):  # lightsail_lb: what is set before publishing, and what is set then
    client, name = cloud.client(), "rehearsal-lb"
    client.update_load_balancer_attribute(loadBalancerName=name, attributeName="SessionStickinessEnabled", attributeValue="false")
    client.update_load_balancer_attribute(loadBalancerName=name, attributeName="HttpsRedirectionEnabled", attributeValue="false")
    client.detach_instances_from_load_balancer(loadBalancerName=name, instanceNames=[WEB_1])
    _until(lambda: WEB_1 not in _health(cloud))
    yield {"localhost: Start the load balancer", "localhost: Balance the load over healthy nodes"}
    balancer = client.get_load_balancer(loadBalancerName=name)["loadBalancer"]
    assert balancer["configurationOptions"]["SessionStickinessEnabled"] == "true" and balancer["httpsRedirectionEnabled"]
    assert _health(cloud) == {WEB_1: "healthy", WEB_2: "healthy"}


@damage
def the_distribution_and_its_certificate(cloud):  # lightsail_cdn, lightsail_certificate
    client = cloud.client(region="us-east-1")
    client.update_distribution(distributionName="rehearsal-cdn", defaultCacheBehavior={"behavior": "dont-cache"})
    _until(lambda: cloud.distribution()["status"] == "Deployed")
    client.detach_certificate_from_distribution(distributionName="rehearsal-cdn")
    _until(lambda: cloud.distribution()["status"] == "Deployed")
    client.delete_certificate(certificateName="rehearsal-media-cert")
    yield {"localhost: Start the distribution", "localhost: Request the certificate of the media host",
           "localhost: Have the distribution deployed under the media host"}
    distribution = cloud.distribution()
    assert distribution["defaultCacheBehavior"]["behavior"] == "cache" and distribution["certificateName"] == "rehearsal-media-cert"


@damage
def the_golden_snapshot(cloud):  # lightsail_snapshot
    before = _golden(cloud)
    for name in before:
        cloud.client().delete_instance_snapshot(instanceSnapshotName=name)
    yield {"localhost: Take a golden snapshot of the primary"}
    assert _golden(cloud) and not set(_golden(cloud)) & set(before)


def _golden(cloud):
    return [row["name"] for row in cloud.client().get_instance_snapshots()["instanceSnapshots"] if row["name"].startswith("rehearsal-golden-")]


@damage
def artefacts_of_a_run(cloud):  # site_verify; never counted as changes
    files = [cloud.state / "sites" / "rehearsal" / name for name in ("known_hosts", "report.html", "report.json")]
    for file in files:
        file.unlink()
    yield set()
    assert all(file.exists() for file in files)


def test_what_was_damaged_is_repaired_by_the_next_run_and_nothing_else_is_touched(cloud):
    damages = [function(cloud) for function in DAMAGES]
    expected = set().union(*(next(damage) for damage in damages))
    run = cloud.play()
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    in_the_database = re.compile(r"^rehearsal-web-\d: (?=Activate the plugin|Send what is missing)")
    assert {in_the_database.sub("a node: ", change) for change in run.changes} == expected
    for damage in damages:
        assert next(damage, None) is None
    again = cloud.play()
    assert (again.status, again.changes, again.mutating) == (0, set(), [])


@pytest.mark.parametrize("statements", [
    # MySQL neither drops nor creates an account whose triggers are left
    ["DROP TRIGGER IF EXISTS wordpress.counts", "DROP USER wordpress"],
    pytest.param(["ALTER USER wordpress IDENTIFIED BY 'Another-0ne-of-somebody'"], marks=pytest.mark.slow),
])
def test_an_account_that_lets_no_node_in_is_made_what_it_was(cloud, statements):
    rights = "SHOW GRANTS FOR wordpress"
    before = _as_administrator(cloud, rights)
    _as_administrator(cloud, *statements)
    assert cloud.visit(f"{SITE}/?p=1").status == 500
    run = cloud.play()
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert run.changes == {f"{WEB_1}: See that the database lets WordPress in, and to nothing else"}
    assert _as_administrator(cloud, rights) == before
    assert cloud.visit(f"{SITE}/").status == 200


def test_a_node_with_a_password_of_its_own_is_named_and_the_account_is_left_alone(cloud):
    config = cloud.layout.config
    cloud.ssh(WEB_2, f'cp -p {config} /root/saved && sed -i "/DB_PASSWORD/s/, ./&of-its-own-/" {config} && ! cmp -s {config} /root/saved')
    run = cloud.play()
    said = " ".join(run.output.split())
    cloud.ssh(WEB_2, f"mv /root/saved {config}")
    assert (run.status, run.changes) == (2, set()), run.output[-6000:]
    assert f"{WEB_2}: " in said and "Other nodes get in, so the account is right: set DB_PASSWORD in this node's wp-config.php to theirs" in said
    assert cloud.php(WEB_2, "global $wpdb; echo $wpdb->get_var('SELECT 1');") == "1"


# ---------------------------------------------------------------- what is lost altogether

def test_a_dead_node_costs_errors_until_the_checks_have_seen_it_and_the_api_tells(cloud):
    """The machine dies; nobody has asked the API to stop it."""
    interval = max(0.1, 30 * cloud.details["time_scale"])
    address, stop, answers = cloud.resolve("www.cloudpress-rehearsal.com"), threading.Event(), []

    def visit_all_the_time():
        while not stop.is_set():
            started = time.monotonic()
            try:
                status = cloud.visit(f"{SITE}/wp-includes/images/blank.gif", address=address).status
            except OSError as error:
                status = str(error)
            answers.append((started, status))

    assert _health(cloud) == {WEB_1: "healthy", WEB_2: "healthy"}
    visitors = [threading.Thread(target=visit_all_the_time) for _ in range(3)]
    process = _first_process(cloud.ssh(WEB_2, "readlink /proc/self/ns/pid").strip())
    for visitor in visitors:
        visitor.start()
    try:
        time.sleep(2)
        died = time.monotonic()
        os.kill(process, signal.SIGKILL)
        _until(lambda: _health(cloud)[WEB_2] == "unhealthy")
        time.sleep(2)
        assert cloud.client().get_instance(instanceName=WEB_2)["instance"]["state"]["name"] == "running"  # as the API of AWS would say
        cloud.client().reboot_instance(instanceName=WEB_2)
        _until(lambda: _health(cloud) == {WEB_1: "healthy", WEB_2: "healthy"})
        time.sleep(1)
    finally:
        stop.set()
        for visitor in visitors:
            visitor.join()
    errors = [(started - died, status) for started, status in answers if status != 200]
    assert errors, "no visitor noticed: did the node die?"
    assert {status for _, status in errors} <= {502, 503, 504}
    # Two failed checks; the second of grace is for a busy machine.
    assert 0 <= min(errors)[0] + 1 and max(errors)[0] <= 2 * interval + 1, errors
    print(f"{len(errors)} of {len(answers)} answers were errors, the last {max(errors)[0]:.1f} s after the node died")


def _first_process(namespace):
    """Return the process of this machine that is the first one of a host, by the host's namespace of processes."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            first = re.search(r"^NSpid:\s+\d+\s+1$", status.read_text(), re.M)
            if first and str((status.parent / "ns/pid").readlink()) == namespace:
                return int(status.parent.name)
        except OSError:
            continue  # it has ended meanwhile
    raise AssertionError(f"no host with the namespace {namespace}")


def test_a_deleted_database_stops_the_run_with_the_way_back(cloud, content):
    client = cloud.client()
    client.delete_relational_database(relationalDatabaseName="rehearsal-db", finalRelationalDatabaseSnapshotName="rehearsal-db-last")
    _until(lambda: "rehearsal-db" not in [row["name"] for row in client.get_relational_databases()["relationalDatabases"]])
    run = cloud.play()
    assert run.status != 0
    assert run.mutating == []
    assert "restore it from the snapshot rehearsal-db-last" in " ".join(run.output.split())


def test_a_restored_database_and_a_primary_from_the_golden_snapshot_have_all_content(cloud, content):
    client = cloud.client()
    client.delete_instance(instanceName=WEB_1, forceDeleteAddOns=True)
    client.create_relational_database_from_snapshot(
        relationalDatabaseName="rehearsal-db", relationalDatabaseSnapshotName="rehearsal-db-last", availabilityZone="eu-central-1a",
        publiclyAccessible=False, tags=[{"key": "cloudpress:site", "value": "rehearsal"}])
    run = cloud.play()
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert _content(cloud, WEB_1) == _content(cloud, WEB_2) == content
    assert _health(cloud) == {WEB_1: "healthy", WEB_2: "healthy"}


@pytest.fixture(scope="module")
def content(cloud):
    """What people had written before anything was lost."""
    return _content(cloud, WEB_2)


def _content(cloud, node):
    """Return a checksum of every table that holds what people wrote."""
    return cloud.php(node, """global $wpdb;
        foreach (["posts", "postmeta", "comments", "commentmeta", "users", "terms", "term_relationships", "as3cf_items"] as $table)
            echo $table, " ", $wpdb->get_row("CHECKSUM TABLE $wpdb->prefix$table", ARRAY_N)[1], "\\n";""")


def _health(cloud):
    summary = cloud.client().get_load_balancer(loadBalancerName="rehearsal-lb")["loadBalancer"]["instanceHealthSummary"]
    return {row["instanceName"]: row["instanceHealth"] for row in summary}


def _until(holds, seconds=120):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)
