"""Bad input is refused in words before anything is made; what fails half way says where, and is resumed by repeating.

A cloud without hosts is enough: nothing here gets as far as a host.
"""

from __future__ import annotations

import json
import re
import shutil
import time

import pytest


@pytest.fixture(scope="module")
def empty(make_cloud):
    return make_cloud()


def refusal(cloud, *arguments):
    """Run the site playbook, which has to refuse: one task fails in words, and no call changed anything. Return its words."""
    run = cloud.play("playbooks/site.yml", *arguments)
    assert run.status == 2, run.output[-3000:]
    assert run.mutating == []
    assert run.output.count("fatal: ") == 1 and "Traceback" not in run.output
    return " ".join(run.output.split("fatal: ")[1].split("PLAY RECAP")[0].split())


def sentences(said):
    """Return what the preflight found in the account, a sentence each."""
    return re.findall(r"- '([^']+)'", said.partition("problems: ")[2])


def extra(**variables):
    return ["-e", json.dumps(variables)]


def test_unknown_variables_are_named_each_with_the_nearest_known_one(empty):
    said = refusal(empty, *extra(site_web_node_cuont=3, site_domian="x.com", site_databse_bundle="micro_2_0", site_xyzzy=1))
    for hint in ("site_web_node_cuont (did you mean site_web_node_count?)", "site_domian (did you mean site_domain?)",
                 "site_databse_bundle (did you mean site_database_bundle?)", "site_xyzzy"):
        assert hint in said


def test_all_values_that_cannot_work_are_named_at_once(empty):
    said = refusal(empty, *extra(
        site_name="My Shop", site_domain="https://www.shop.com", site_monthly_cost_limit=0, site_web_node_count=1, site_zones=["us-east-1a"],
        site_bucket_name="UPPER--case", site_media_host="media.elsewhere.com", site_offload_plugin_zip="/nowhere.zip", site_database_ca_bundle="/nowhere.pem",
        site_design_tasks=["/nowhere.yml"], site_domain_max_price=0, site_golden_snapshots_keep=-1, site_update_snapshots_keep=-1))
    for name in ("site_name", "site_domain", "site_monthly_cost_limit", "site_web_node_count", "site_zones", "site_bucket_name", "site_media_host",
                 "site_offload_plugin_zip", "site_database_ca_bundle", "site_design_tasks", "site_domain_max_price", "site_golden_snapshots_keep",
                 "site_update_snapshots_keep"):
        assert name in said, name
    assert "Nothing was changed." in said


def test_an_address_without_a_ca_bundle_is_refused_before_anything_is_made(empty):
    said = refusal(empty, *extra(site_database_ca_bundle="https://127.0.0.1:1/global-bundle.pem"))
    assert '"https://127.0.0.1:1/global-bundle.pem", where no certificates are to be had' in said and "Connection refused" in said


def test_the_offload_plugin_comes_in_one_way(empty):
    assert "give WP Offload Media Lite in one of the two ways" in refusal(empty, *extra(site_offload_plugin_version="3.2.11"))
    assert "give WP Offload Media Lite in one of the two ways" in refusal(empty, *extra(site_offload_plugin_zip=""))
    assert "give a version such as 3.2.11" in refusal(empty, *extra(site_offload_plugin_version="latest", site_offload_plugin_zip=""))


def test_values_of_the_wrong_kind_are_all_named(empty):
    said = refusal(empty, *extra(site_static_ips="some", site_dns="bind", site_canonical="WWW", site_web_node_count="two", site_monthly_cost_limit="cheap"))
    for name in ("site_static_ips must be one of: all, primary, none", "site_dns must be one of: lightsail, external",
                 "site_canonical must be one of: www, apex", "site_web_node_count", "site_monthly_cost_limit"):
        assert name in said, name


def test_bundles_blueprints_and_zones_that_are_not_offered_are_named_with_some_that_are(empty):
    said = refusal(empty, *extra(
        site_web_bundle="tiny_9_9", site_database_bundle="huge_0_0", site_bucket_bundle="none_1_0", site_cdn_bundle="cdn_0_0",
        site_database_blueprint="oracle_1", site_web_blueprint="unheard_1_0", site_zones=["eu-central-1a", "eu-central-1z"]))
    for words in ("site_web_bundle is tiny_9_9", "site_database_bundle is huge_0_0", "site_bucket_bundle is none_1_0", "site_cdn_bundle is cdn_0_0",
                  "site_database_blueprint is oracle_1", "site_web_blueprint is unheard_1_0", "wordpress_ls_1_0",
                  "site_zones names eu-central-1z, which eu-central-1 does not have"):
        assert words in said, words


def test_a_site_above_the_cost_limit_is_refused_with_its_price(empty):
    assert re.search(r"would cost USD \d+\.\d\d a month, more than site_monthly_cost_limit \(10\)", refusal(empty, *extra(site_monthly_cost_limit=10)))


def test_a_region_without_lightsail_is_refused(empty):
    said = refusal(empty, *extra(site_region="eu-central-9", site_zones=["eu-central-9a"]))
    assert "region is eu-central-9, which is no region of Lightsail" in said and "eu-central-1" in said


def test_resources_of_our_names_that_are_not_ours_are_all_named(make_cloud):
    cloud = make_cloud()
    client, everywhere = cloud.client(), cloud.client(region="us-east-1")
    client.create_key_pair(keyPairName="rehearsal-key")
    client.create_instances(instanceNames=["rehearsal-web-2"], availabilityZone="eu-central-1a", blueprintId="ubuntu_24_04", bundleId="small_3_0")
    client.allocate_static_ip(staticIpName="rehearsal-web-1-ip")
    client.create_bucket(bucketName="rehearsal-cloudpress-rehearsal-com-media", bundleId="small_1_0")
    client.create_relational_database(relationalDatabaseName="rehearsal-db", relationalDatabaseBlueprintId="mysql_8_0",
                                      relationalDatabaseBundleId="micro_2_0", masterDatabaseName="wordpress", masterUsername="dbmasteruser")
    client.create_load_balancer(loadBalancerName="rehearsal-lb", instancePort=80)
    everywhere.create_domain(domainName="cloudpress-rehearsal.com")
    everywhere.create_distribution(
        distributionName="rehearsal-cdn", bundleId="small_1_0", defaultCacheBehavior={"behavior": "cache"},
        origin={"name": "rehearsal-cloudpress-rehearsal-com-media", "regionName": "eu-central-1", "protocolPolicy": "https-only"})
    said = refusal(cloud)
    for name in ("key pair rehearsal-key", "instance rehearsal-web-2", "static ip rehearsal-web-1-ip", "database rehearsal-db",
                 "bucket rehearsal-cloudpress-rehearsal-com-media", "load balancer rehearsal-lb",
                 "zone cloudpress-rehearsal.com", "distribution rehearsal-cdn"):
        assert f"The {name} exists and does not bear the tag cloudpress:site=rehearsal" in said, name
    assert "rehearsal-web-2 was made from the blueprint ubuntu_24_04" in said


def test_a_site_needs_a_blueprint_that_is_one_wordpress(empty):
    empty.command("offer", "blueprint", "wordpress_multisite")  # should AWS sell it once more
    try:
        for blueprint in ("lamp_ls_1_0", "debian_12", "wordpress_multisite"):
            said = refusal(empty, *extra(site_web_blueprint=blueprint))
            assert sentences(said) == [f"site_web_blueprint is {blueprint}, which is not a single WordPress: give wordpress_ls_1_0, or leave it empty."]
    finally:
        empty.command("retire", "blueprint", "wordpress_multisite")


@pytest.fixture(scope="module")
def snapshots(empty):
    """Snapshots of instances that are no single WordPress, by their blueprint."""
    client, made = empty.client(), {}
    empty.command("offer", "blueprint", "wordpress_multisite")
    for blueprint in ("ubuntu_24_04", "wordpress_multisite"):
        name, snapshot = blueprint.replace("_", "-"), f"{blueprint.replace('_', '-')}-before"
        client.create_instances(instanceNames=[name], availabilityZone="eu-central-1a", blueprintId=blueprint, bundleId="small_3_0")
        _until(lambda name=name: client.get_instance(instanceName=name)["instance"]["state"]["name"] == "running")
        client.create_instance_snapshot(instanceName=name, instanceSnapshotName=snapshot)
        _until(lambda snapshot=snapshot: client.get_instance_snapshot(instanceSnapshotName=snapshot)["instanceSnapshot"]["state"] == "available")
        made[blueprint] = snapshot
    empty.command("retire", "blueprint", "wordpress_multisite")
    return made


@pytest.mark.parametrize("blueprint", ["ubuntu_24_04", "wordpress_multisite"])
def test_a_snapshot_of_something_else_is_refused(empty, snapshots, blueprint):
    said = refusal(empty, *extra(site_from_snapshot=snapshots[blueprint], site_web_blueprint=""))
    assert sentences(said) == [f"The snapshot {snapshots[blueprint]} is of an instance made from {blueprint}, which is not a single WordPress: "
                               "give another in site_from_snapshot."]


def test_a_snapshot_that_is_not_there_is_refused(empty):
    said = refusal(empty, *extra(site_from_snapshot="long-gone", site_web_blueprint=""))
    assert sentences(said) == ["site_from_snapshot is long-gone, but eu-central-1 has no instance snapshot of that name: give the name of one that exists."]


def test_a_site_is_made_from_a_snapshot_or_from_a_blueprint(empty, snapshots):
    said = refusal(empty, *extra(site_from_snapshot=snapshots["ubuntu_24_04"], site_web_blueprint="wordpress_ls_1_0"))
    assert sentences(said) == [f"site_from_snapshot is {snapshots['ubuntu_24_04']} and site_web_blueprint is wordpress_ls_1_0: give one of the two."]


def _aws(cloud, access_key, secret_key):
    """The environment of an operator, without what a machine may have in its files or offer as metadata."""
    return extra(site_aws_environment={
        **{f"AWS_ENDPOINT_URL_{service}": cloud.details["endpoint"] for service in ("LIGHTSAIL", "ROUTE_53_DOMAINS")},
        "AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key, "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"})


def test_missing_credentials_are_asked_for(empty):
    said = refusal(empty, *_aws(empty, "", ""))
    assert "Set access_key and secret_key, a profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in said


def test_credentials_of_an_aws_account_do_nothing_here_but_say_so(empty):
    said = refusal(empty, *_aws(empty, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
    assert "UnrecognizedClientException" in said and "Check the access key" in said
    assert f"Asked was {empty.details['endpoint']}" in said


def test_credentials_of_one_cloud_do_nothing_at_another_but_say_so(empty, make_cloud):
    """AWS, too, knows no such key; here another cloud stands for it."""
    other = make_cloud()
    assert not empty.details["access_key_id"].startswith(("AKIA", "ASIA"))  # so it is nobody's at AWS
    said = refusal(other, *_aws(other, empty.details["access_key_id"], empty.details["secret_access_key"]))
    assert re.search("UnrecognizedClientException|InvalidSignatureException", said) and f"Asked was {other.details['endpoint']}" in said
    assert {call["outcome"] for call in other.calls()} <= {"UnrecognizedClientException", "InvalidSignatureException"}


OWNER = {"first_name": "Ada", "last_name": "Example", "contact_type": "PERSON", "address_line1": "1 Example Street", "city": "Berlin",
         "country_code": "DE", "zip_code": "10115", "phone_number": "+49.300000000", "email": "ada@cloudpress-rehearsal.com"}


def test_a_registration_that_cannot_be_ordered_is_refused_before_anything_is_made(empty):
    assert "contacts.owner needs last_name" in refusal(empty, *extra(site_domain_contacts={"owner": {"first_name": "Ada"}}))
    assert "which is not within 1" in refusal(empty, *extra(site_domain_max_price=1))
    empty.command("domain", "taken-rehearsal.com", "--registrant", "elsewhere")
    assert "taken-rehearsal.com is not registered in this account and cannot be registered" in refusal(empty, *extra(site_domain="taken-rehearsal.com"))


def test_the_example_inventory_for_aws_refuses_its_gaps_and_plans_a_site_once_they_are_filled(empty, tmp_path, monkeypatch, pytestconfig):
    shutil.copytree(pytestconfig.rootpath / "inventories" / "aws", tmp_path / "my-site")
    monkeypatch.setitem(empty.environment, "HOME", str(tmp_path))
    here = ["-i", str(tmp_path / "my-site"), *_aws(empty, empty.details["access_key_id"], empty.details["secret_access_key"])]
    said = refusal(empty, *here)
    for name in ("site_name", "site_domain", "site_monthly_cost_limit", "site_offload_plugin_version"):
        assert f"{name} is" in said, name
    settings = tmp_path / "my-site" / "group_vars" / "all" / "site.yml"
    filled = re.sub(r"^# (site_\w+: )", r"\1", settings.read_text(), flags=re.M)
    settings.write_text(filled.replace('sha256: ""', f"sha256: {empty.details['offload_plugin']['sha256']}"))
    (tmp_path / ".cloudpress").mkdir()
    shutil.copy(empty.details["offload_plugin"]["path"], tmp_path / ".cloudpress" / "amazon-s3-and-cloudfront.zip")
    shutil.copy(empty.details["database_ca_bundle"], tmp_path / ".cloudpress" / "global-bundle.pem")
    run = empty.play("playbooks/site.yml", *here, *extra(vault_site_domain_contacts={"owner": OWNER}), "--check")
    assert run.status == 0, run.output[-3000:]
    assert run.mutating == [] and "All resources of the site together: USD" in run.output and "shop-web-2" in run.output
    assert "Failed to parse" not in run.output


def test_a_highly_available_database_is_planned_without_a_zone(empty):
    run = empty.play("playbooks/site.yml", "--check", *extra(site_database_bundle="micro_ha_2_0", site_monthly_cost_limit=200))
    assert run.status == 0 and run.mutating == [], run.output[-3000:]


def test_a_local_lightsail_that_is_not_up_is_asked_for(empty, tmp_path):
    assert 'run "lightsail-local up" first' in refusal(empty, *extra(lightsail_local_state=str(tmp_path)))


def test_a_run_that_fails_half_way_says_where_and_is_resumed_by_repeating(empty):
    empty.command("fault", "CreateRelationalDatabase", "--error", "OperationFailureException", "--message", "No databases today.", "--times", "99")
    run = empty.play()
    said = " ".join(run.output.split())
    assert run.status == 2
    assert "No databases today." in said
    assert 'The run stopped in the stage start of site rehearsal, at the task "Start the database"' in said
    assert "repeat the same command: it goes on from here and makes nothing twice" in said
    made = set(run.mutating)
    assert {"CreateInstances", "CreateBucket", "ImportKeyPair"} <= made
    empty.command("fault", "--clear")
    again = empty.play("playbooks/site.yml", "--tags", "start")
    assert again.status == 0, again.output[-3000:]
    assert again.mutating and "CreateRelationalDatabase" in again.mutating
    assert not made & set(again.mutating) - {"CreateRelationalDatabase"}


TIDY = """
- hosts: localhost
  gather_facts: false
  environment: "{{ site_aws_environment }}"
  module_defaults: {group/cloudpress.lightsail.lightsail: {region: eu-central-1}}
  vars:
    site:
      tags: {"cloudpress:site": rehearsal}
      golden_prefix: rehearsal-golden-
      golden_snapshots_keep: %d
      before_update_prefix: rehearsal-before-update-
      update_snapshots_keep: %d
  tasks: [{ansible.builtin.include_tasks: %s/playbooks/tasks/tidy_snapshots.yml}]
"""


def tidy(cloud, folder, repository, golden=0, update=0):
    """Run what the playbooks end with, and return the names of all snapshots that are left."""
    playbook = folder / "tidy.yml"
    playbook.write_text(TIDY % (golden, update, repository))
    run = cloud.play(str(playbook))
    assert run.status == 0, run.output[-3000:]
    client = cloud.client()
    return sorted(row["name"] for key, answer in (("instanceSnapshots", client.get_instance_snapshots()),
                                                  ("relationalDatabaseSnapshots", client.get_relational_database_snapshots())) for row in answer[key])


OURS = [{"key": "cloudpress:site", "value": "rehearsal"}]


def test_old_golden_snapshots_of_the_site_go_and_all_others_stay(make_cloud, tmp_path, pytestconfig):
    cloud = make_cloud()
    client = cloud.client()
    client.create_instances(instanceNames=["web"], availabilityZone="eu-central-1a", blueprintId=cloud.layout.blueprint, bundleId="small_3_0")
    _until(lambda: client.get_instance(instanceName="web")["instance"]["state"]["name"] == "running")
    for name, tags in (("rehearsal-golden-1", OURS), ("rehearsal-golden-2", OURS), ("rehearsal-golden-3", OURS), ("rehearsal-clean-slate", OURS),
                       ("rehearsal-golden-0", [])):
        client.create_instance_snapshot(instanceName="web", instanceSnapshotName=name, tags=tags)
        _until(lambda name=name: client.get_instance_snapshot(instanceSnapshotName=name)["instanceSnapshot"]["state"] == "available")
    everything = ["rehearsal-clean-slate", "rehearsal-golden-0", "rehearsal-golden-1", "rehearsal-golden-2", "rehearsal-golden-3"]
    assert tidy(cloud, tmp_path, pytestconfig.rootpath) == everything
    assert tidy(cloud, tmp_path, pytestconfig.rootpath, golden=2) == [name for name in everything if name != "rehearsal-golden-1"]
    assert tidy(cloud, tmp_path, pytestconfig.rootpath, golden=1) == ["rehearsal-clean-slate", "rehearsal-golden-0", "rehearsal-golden-3"]


def test_old_snapshots_from_before_updates_go_and_all_others_of_databases_stay(make_cloud, tmp_path, pytestconfig):
    cloud = make_cloud()
    client = cloud.client()
    client.create_relational_database(
        relationalDatabaseName="db", relationalDatabaseBlueprintId="mysql_8_4", relationalDatabaseBundleId="micro_2_0", masterDatabaseName="dbmaster",
        masterUsername="dbmasteruser")
    _until(lambda: client.get_relational_database(relationalDatabaseName="db")["relationalDatabase"]["state"] == "available")
    for name, tags in (("rehearsal-before-update-1", OURS), ("rehearsal-before-update-2", OURS), ("rehearsal-before-update-3", OURS),
                       ("rehearsal-final-1", OURS), ("rehearsal-before-update-0", [])):
        client.create_relational_database_snapshot(relationalDatabaseName="db", relationalDatabaseSnapshotName=name, tags=tags)
        _until(lambda name=name: client.get_relational_database_snapshot(
            relationalDatabaseSnapshotName=name)["relationalDatabaseSnapshot"]["state"] == "available")
    everything = [f"rehearsal-before-update-{number}" for number in range(4)] + ["rehearsal-final-1"]
    assert tidy(cloud, tmp_path, pytestconfig.rootpath) == everything
    assert tidy(cloud, tmp_path, pytestconfig.rootpath, update=2) == [name for name in everything if name != "rehearsal-before-update-1"]
    assert tidy(cloud, tmp_path, pytestconfig.rootpath, update=1) == ["rehearsal-before-update-0", "rehearsal-before-update-3", "rehearsal-final-1"]


def _until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
