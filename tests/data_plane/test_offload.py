# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of the offload plugin on a real host: role credentials, objects, rows, URLs. The real one passes the same."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess

import pytest

from lightsail_local import offload_plugin

REGION, BUCKET = "eu-central-1", "offload-of-test"
ROLE = {"access_key_id": "AKIAROLEOFFLOAD00001", "secret_access_key": "role-secret"}


@pytest.fixture(scope="module", params=["bitnami", "lightsail"])
def host(request, plane, make_host, tmp_path_factory):
    host = make_host({"image": request.param}, first_boot_seconds=0)
    if host.lightsail:
        host.ssh("cloud-init status --wait")
    plane.create_bucket(BUCKET, REGION)
    plane.set_bucket_access(BUCKET, public_read=True, allow_public_overrides=False, keys=[ROLE])
    plane.set_instance_role(host.id, ROLE)
    # The real plugin's zip, where there is one.
    plugin = os.environ.get("OFFLOAD_PLUGIN_ZIP")
    if not plugin:
        built = tmp_path_factory.mktemp("plugin") / "plugin.zip"
        offload_plugin.build(built)
        plugin = str(built)
    subprocess.run(
        [
            "scp",
            "-q",
            "-F",
            "/dev/null",
            "-i",
            str(host.key),
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "LogLevel=ERROR",
            plugin,
            f"{host.login}@{host.public_ip}:/tmp/plugin.zip",
        ],
        check=True,
    )
    host.ssh(f'{host.as_web} -r \'$z = new ZipArchive; $z->open("/tmp/plugin.zip"); $z->extractTo("{host.wordpress}/wp-content/plugins");\'')
    settings = (
        "define( 'AS3CF_SETTINGS', array( 'provider' => 'aws', 'use-server-roles' => true, 'bucket' => '" + BUCKET + "', 'region' => '" + REGION + "',"
        " 'use-bucket-acls' => false, 'copy-to-s3' => true, 'serve-from-s3' => true, 'enable-object-prefix' => true,"
        " 'object-prefix' => 'wp-content/uploads/', 'use-yearmonth-folders' => true, 'object-versioning' => false, 'force-https' => true,"
        " 'enable-delivery-domain' => true, 'delivery-domain' => 'media.example.com', 'remove-local-file' => true ) );"
    )
    host.ssh(f"cat > /tmp/s <<'END'\n{settings}\nEND\nsudo sed -i '/DB_CHARSET/{{r /tmp/s\n}}' {host.config}")
    said = host.php(
        "require_once ABSPATH . 'wp-admin/includes/plugin.php'; $r = activate_plugin('amazon-s3-and-cloudfront/wordpress-s3.php'); echo is_wp_error($r) ? $r->get_error_message() : '';"
    )
    assert said == ""
    # The process that first sees the bucket has no region (see the stand-in). On a host that serves port 80, WordPress's own cron is that one.
    host.php("")
    yield host
    plane.delete_instance(host.id)
    plane.delete_bucket(BUCKET)


def test_an_upload_is_in_the_bucket_and_shown_from_there(host):
    answer = host.php(
        "require_once ABSPATH . 'wp-admin/includes/image.php';"
        "$image = imagecreatetruecolor(1200, 800); ob_start(); imagejpeg($image); $bytes = ob_get_clean();"
        "$up = wp_upload_bits('photo.jpg', null, $bytes); $hash = md5_file($up['file']);"
        "$id = wp_insert_attachment(array('post_mime_type' => 'image/jpeg', 'post_title' => 'photo', 'post_status' => 'inherit'), $up['file']);"
        "wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $up['file']));"
        'global $wpdb; $row = $wpdb->get_row("SELECT * FROM {$wpdb->prefix}as3cf_items WHERE source_id = $id", ARRAY_A);'
        "$post = apply_filters('the_content', '<img src=\"' . $up['url'] . '\">');"
        "echo \"\\nJSON\" . json_encode(array('id' => $id, 'row' => $row, 'url' => wp_get_attachment_url($id), 'html' => wp_get_attachment_image($id, 'medium'),"
        " 'content' => $post, 'local' => file_exists($up['file']), 'hash' => $hash));"
    )
    found = json.loads(answer.split("\nJSON")[1])
    row = found["row"]
    assert row and (row["provider"], row["bucket"], row["region"], row["source_type"]) == ("aws", BUCKET, REGION, "media-library"), answer
    assert row["path"].startswith("wp-content/uploads/20") and row["path"].endswith("/photo.jpg")
    assert found["url"] == f"https://media.example.com/{row['path']}"
    assert found["html"].count("https://media.example.com/") >= 2 and "127.0.0.1" not in found["html"]
    assert f"https://media.example.com/{row['path']}" in found["content"]
    assert not found["local"], "remove-local-file"
    fetched = host.ssh(f"curl -s -D /tmp/head https://{BUCKET}.s3.{REGION}.amazonaws.com/{row['path']} | md5sum; cat /tmp/head")
    assert fetched.split()[0] == found["hash"] and "cache-control: max-age=31536000" in fetched.lower() and "image/jpeg" in fetched
    host.php(f"wp_delete_attachment({found['id']}, true);")
    assert host.ssh(f"curl -s -o /dev/null -w '%{{http_code}}' https://{BUCKET}.s3.{REGION}.amazonaws.com/{row['path']}") == "404"


def test_without_a_role_nothing_is_lost(host, plane):
    plane.set_instance_role(host.id, None)
    answer = host.php(
        "$up = wp_upload_bits('note.txt', null, 'text'); $id = wp_insert_attachment(array('post_mime_type' => 'text/plain'), $up['file']);"
        "wp_update_attachment_metadata($id, array('filesize' => 4)); echo \"\\nJSON\" . json_encode(array(file_exists($up['file']), wp_get_attachment_url($id)));"
    )
    kept, url = json.loads(answer.split("\nJSON")[1])
    assert kept and "media.example.com" not in url
    plane.set_instance_role(host.id, ROLE)


def test_the_zip_is_the_same_every_time(tmp_path):
    sums = {offload_plugin.build(tmp_path / name) for name in ("a.zip", "b.zip")}
    assert sums == {hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest()}
