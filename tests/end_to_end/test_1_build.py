"""A site is planned, built by one command, and looked at as a visitor and as its owner."""

from __future__ import annotations

import base64
import json
import re
import socket
import time
from pathlib import Path
from urllib.parse import urljoin

import pytest

pytestmark = pytest.mark.timeout(1800)  # for a machine that does other things too

SITE = "https://www.cloudpress-rehearsal.com"
LOCAL_DATABASE = "pgrep -c -x \"mariadbd|mysqld\" || true"  # as many processes as it has
NODES = ["rehearsal-web-1", "rehearsal-web-2"]
BUCKET = "rehearsal-cloudpress-rehearsal-com-media"


def test_check_mode_names_everything_and_touches_nothing(cloud):
    run = cloud.play("playbooks/site.yml", "--check")
    assert run.status == 0, run.output[-4000:]
    assert run.mutating == []
    for name in [*NODES, "rehearsal-db", "rehearsal-lb", "rehearsal-cdn", "rehearsal-key", "-media", "cloudpress-rehearsal.com"]:
        assert name in run.output
    assert re.search(r"together: USD \d+\.\d\d a month", run.output)


def test_a_second_run_while_one_is_going_is_refused(cloud):
    going = cloud.start("playbooks/site.yml", "--tags", "start", "-e", "site_pause_for_design=true")
    lock = cloud.state / "sites" / "rehearsal" / "run.lock"
    deadline = time.monotonic() + 60
    while not lock.exists() or lock.read_text().split()[0] != str(going.pid):
        assert time.monotonic() < deadline and going.poll() is None
        time.sleep(0.1)
    refused = cloud.play("playbooks/site.yml", "--check")
    assert going.wait(timeout=300) == 0
    assert refused.status != 0
    assert "is working on site rehearsal" in " ".join(refused.output.split())


def test_a_pause_for_design_ends_with_its_outcome_and_costs_only_the_primary(cloud):
    run = cloud.play("playbooks/site.yml", "-e", "site_pause_for_design=true", "-e", '{"site_design_tasks": []}')
    assert run.status == 0, run.output[-6000:]
    assert run.outcome == "awaiting_design"
    assert cloud.client().get_load_balancers()["loadBalancers"] == []
    address = re.search(r"https?://([0-9.]+)/wp-admin/", run.output)[1]
    assert cloud.visit_host(address).status == 200


def install_plugins(cloud):
    """The tables of widely used plugins, and a trigger, without which the managed database needs no parameter of its own."""
    address = cloud.client().get_instance(instanceName=NODES[0])["instance"]["publicIpAddress"]
    old = f"http://{address}"
    text = (Path(__file__).parent / "design" / "plugins.sql").read_text()
    for word, value in (("TWICE", old.replace("/", r"\\\\\\/")), ("ESCAPED", old.replace("/", r"\\/")), ("SITE", old), ("LENGTH", str(len(old + "/shop")))):
        text = text.replace(word, value)
    text += "CREATE TRIGGER counts AFTER INSERT ON wp_links FOR EACH ROW SET @links = 1;\n"
    script = base64.b64encode(f"{cloud.layout.mysql} --socket={cloud.layout.socket} {cloud.layout.schema} <<'SQL'\n{text}SQL\n".encode()).decode()
    cloud.ssh(NODES[0], f"echo {script} | base64 -d | bash")


def test_one_command_builds_a_published_site(cloud):
    install_plugins(cloud)
    run = cloud.play()
    assert run.status == 0, run.output[-6000:]
    assert run.outcome == "published"
    assert "UpdateRelationalDatabaseParameters" in run.mutating
    trigger = "global $wpdb; echo $wpdb->get_var('SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()');"
    assert cloud.php("rehearsal-web-1", trigger) == "counts"

    print(f"built in {run.seconds:.0f} s")
    said = " ".join(run.output.partition("TASK [Report]")[2].split())
    addresses = [cloud.client().get_instance(instanceName=node)["instance"]["publicIpAddress"] for node in NODES]
    for line in (f"- site {SITE}/ ", f"{SITE}/wp-admin/ (user and password: {cloud.layout.credentials} on rehearsal-web-1)",
                 f"- nodes rehearsal-web-1 {addresses[0]}, rehearsal-web-2 {addresses[1]} ", "- database rehearsal-db ", f"- bucket {BUCKET} ",
                 "- CDN https://media.cloudpress-rehearsal.com/ ", "- price USD 60.50 a month ", "next:"):
        assert line in said
    assert re.search(r"- seconds started \d+, primary \d+, design \d+, database \d+, domain \d+, cdn \d+, converge \d+, nodes \d+, publish \d+, end \d+", said)
    password = cloud.ssh("rehearsal-web-1", cloud.layout.password).strip()
    assert password in cloud.ssh("rehearsal-web-1", f"cat {cloud.layout.credentials}")
    assert cloud.php("rehearsal-web-1", f"""echo wp_authenticate("user", "{password}")->user_login;""") == "user"


def test_the_tables_of_plugins_are_on_the_managed_database_with_the_new_address(cloud):
    def value(query):
        return cloud.php("rehearsal-web-2", f"global $wpdb; echo $wpdb->get_var({json.dumps(query)});")

    assert value("SELECT HEX(IP) FROM wp_wflocs WHERE city <> ''") == "00000000000000000000FFFF01020304"
    assert value("SELECT total_amount FROM wp_wc_orders WHERE id = 4711") == "19.90000000"
    assert value("SELECT bounce * 1e30 BETWEEN 0.999999 AND 1.000001 FROM wp_statistics_visitor WHERE ID = 2") == "1"
    assert value("SELECT permalink FROM wp_yoast_indexable") == f"{SITE}/about/"
    assert value("SELECT HEX(val) FROM wp_wfconfig WHERE name = 'keys'") == "00FF275C0A1A"
    for query in ("SELECT meta_value FROM wp_wc_orders_meta", "SELECT meta_value FROM wp_postmeta WHERE meta_key = '_elementor_css'"):
        assert value(query).endswith(f's:{len(SITE + "/shop")}:"{SITE}/shop";}}')
    settings = json.loads(value("SELECT meta_value FROM wp_postmeta WHERE meta_key = '_elementor_data'"))[0]["settings"]
    assert settings["background_image"]["url"] == f"{SITE}/wp-content/uploads/a.jpg"
    assert json.loads(settings["link"])["url"] == f"{SITE}/shop"


def test_the_second_run_changes_nothing_though_aws_sells_nothing_of_it_any_more(cloud):
    for kind, name in cloud.made_of():  # they stay so until test_3_retired.py: all repairs go on without
        cloud.command("retire", kind, name)
    run = cloud.play()
    assert run.status == 0, run.output[-4000:]
    assert run.mutating == []
    assert run.changed == 0, re.findall(r"TASK.*\n(?:changed.*\n)+", run.output)
    print(f"second run in {run.seconds:.0f} s")


def test_a_visitor_gets_https_and_plain_http_leads_to_it(cloud):
    assert cloud.visit(f"{SITE}/").status == 200
    plain = cloud.visit(SITE.replace("https", "http") + "/")
    assert plain.status in (301, 302) and plain.headers["location"].startswith(SITE)
    other = cloud.visit("https://cloudpress-rehearsal.com/")
    assert other.status == 301 and other.headers["location"].startswith(SITE)


def test_both_nodes_serve_and_a_cookie_keeps_a_visitor_on_one(cloud):
    seen = [cloud.visit(f"{SITE}/").cookies for _ in range(8)]
    assert all(seen)
    assert len({node_of(cookies) for cookies in seen}) == 2
    mine = seen[0]
    for _ in range(6):
        again = cloud.visit(f"{SITE}/", cookies=mine).cookies
        assert not again or node_of(again) == node_of(mine)


def node_of(cookies):
    """Return the part of the load balancer's cookie that stands for the node; what follows is the time."""
    return cookies["AWSALB"].split("|")[0]


def test_no_address_of_the_site_leads_into_a_redirect_loop(cloud):
    for start in ("http://cloudpress-rehearsal.com", SITE.replace("https", "http"), "https://cloudpress-rehearsal.com", SITE):
        for path in ("/", "/about", "/wp-admin/"):
            seen, url = [], start + path
            while (answer := cloud.visit(url)).status in (301, 302, 303, 307, 308):
                seen.append(url)
                url = urljoin(url, answer.headers["location"])
                assert url not in seen and len(seen) < 5, seen
            assert answer.status == 200 and url.startswith(SITE), (url, answer.status)


@pytest.mark.parametrize("node", NODES)
def test_a_node_that_fetches_the_sites_own_url_gets_it(cloud, node):
    said = cloud.php(node, f"""$got = wp_remote_get("{SITE}/"); echo is_wp_error($got) ? $got->get_error_message() : $got["body"];""")
    title = re.search(r"<title>.+?</title>", cloud.visit(f"{SITE}/").text)[0]
    assert title in said


def design_urls(text):
    """Return addresses of the design phase: numbers or this machine instead of the name, plain HTTP; also with JSON's slashes."""
    own = r"http:[\\/]+(?:\w+\.)?cloudpress-rehearsal\.com"
    return re.findall(rf"https?:[\\/]+(?:localhost|\d+\.\d+\.\d+\.\d+)|{own}", text)


def test_no_page_shows_a_url_of_the_design_phase(cloud):
    for bad in ("http://127.0.0.1/a.jpg", r"http:\/\/198.18.0.10\/", "http://www.cloudpress-rehearsal.com/", "https://localhost/"):
        assert design_urls(f'<a href="{bad}">')
    assert not design_urls(f'<a href="{SITE}/">')
    front = cloud.visit(f"{SITE}/").text
    pages = {f"{SITE}/", f"{SITE}/about/", *re.findall(rf'href="({SITE}/2026/[^"#?]+)"', front)}
    assert len(pages) > 4
    pages |= {f"{SITE}/{path}" for path in ("feed/", "comments/feed/", "wp-sitemap.xml", "wp-json/wp/v2/posts", "wp-json/wp/v2/media", "wp-login.php")}
    for page in sorted(pages):
        answer = cloud.visit(page)
        assert answer.status == 200, page
        assert not design_urls(answer.text), page


def test_media_come_from_the_cdn_and_the_second_fetch_is_a_hit(cloud):
    front = cloud.visit(f"{SITE}/").text
    media = re.findall(r'https://media\.cloudpress-rehearsal\.com/[^" ]+\.jpg', front)
    assert media
    first, second = cloud.visit(media[0]), cloud.visit(media[0])
    assert first.status == second.status == 200
    assert first.body == second.body and first.body[:2] == b"\xff\xd8"
    assert "hit" in second.headers["x-cache"].lower()


def test_the_bucket_shows_nothing_to_strangers(cloud):
    front = cloud.visit(f"{SITE}/").text
    path = re.search(r"https://media\.cloudpress-rehearsal\.com(/[^\" ]+\.jpg)", front)[1]
    assert cloud.visit(f"https://{BUCKET}.s3.eu-central-1.amazonaws.com{path}").status == 403


@pytest.mark.parametrize("node", NODES)
def test_a_node_talks_tls_to_the_managed_database_as_a_limited_user_and_has_no_other(cloud, node):
    said = cloud.php(node, """global $wpdb; echo $wpdb->get_row("SHOW STATUS LIKE \\"Ssl_cipher\\"", ARRAY_N)[1], " ", DB_HOST, " ",
        implode(";", $wpdb->get_col("SHOW GRANTS"));""")
    assert "TLS_" in said and ".rds.amazonaws.com" in said
    assert not re.search(r"GRANT (?!USAGE)[^;]* ON \*\.\*", said)
    assert cloud.ssh(node, LOCAL_DATABASE).strip() == "0"


def test_the_secondary_writes_to_the_bucket_by_its_own_access(cloud):
    def grant(access):
        cloud.client().set_resource_access_for_bucket(resourceName="rehearsal-web-2", bucketName=BUCKET, access=access)

    def upload(name):
        return cloud.php("rehearsal-web-2", f"""require_once ABSPATH . "wp-admin/includes/admin.php"; $file = wp_upload_bits("{name}", null, gethostname());
            $id = wp_insert_attachment(["post_title" => "{name}", "post_mime_type" => "text/plain"], $file["file"]);
            wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file["file"])); echo $id, " ", wp_get_attachment_url($id);""").split()

    def upload_until(name, place):
        """What is granted or denied takes effect some time later."""
        deadline, url = time.monotonic() + 20, ""
        while not url.startswith(place):
            assert time.monotonic() < deadline, url
            number, url = upload(f"{len(made)}-{name}")
            made.append(number)
        return url

    made, media = [], "https://media.cloudpress-rehearsal.com/"
    number, url = upload("with-access.txt")
    made.append(number)
    assert url.startswith(media) and url.split("/", 3)[3] in cloud.objects(BUCKET)
    assert cloud.visit(url).text.strip() == cloud.ssh("rehearsal-web-2", "hostname").strip()
    grant("deny")
    try:
        url = upload_until("without-access.txt", SITE)
    finally:
        grant("allow")
    assert url.rsplit("/", 1)[1] not in [key.rsplit("/", 1)[1] for key in cloud.objects(BUCKET)]
    upload_until("again.txt", media)
    cloud.php("rehearsal-web-2", f"foreach ([{','.join(made)}] as $id) wp_delete_attachment($id, true);")
    assert not [key for key in cloud.objects(BUCKET) if key.endswith(".txt")]


def test_no_port_of_the_machine_is_taken_but_the_apis_on_loopback(cloud, busy_machine):
    assert ("127.0.0.1", str(cloud.details["port"])) in busy_machine.listeners()
    assert {address for address, _ in busy_machine.listeners() - busy_machine.before} <= {"127.0.0.1"}
    for sock in busy_machine.held:
        if sock.type == socket.SOCK_STREAM:
            with socket.create_connection(("127.0.0.1", sock.getsockname()[1])):
                sock.settimeout(5)
                sock.accept()[0].close()


def test_nodes_share_files_and_salts_but_not_their_identity(cloud):
    def of_each(command):
        return [cloud.ssh(node, command).strip() for node in NODES]

    salts = of_each(f"grep -E \"_(KEY|SALT)\" {cloud.layout.config} | sha256sum")
    core = of_each(f"cd {cloud.layout.root} && find wp-includes wp-admin -type f | sort | xargs sha256sum | sha256sum")
    assert salts[0] == salts[1] and core[0] == core[1]
    for command in ("hostname", "cat /etc/machine-id", "cat /etc/ssh/ssh_host_ed25519_key.pub"):
        first, second = of_each(command)
        assert first != second, command
