# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever was told that his write is safe finds it after the move, wherever the site then is."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
from lab import SCHEMA, message

# Through WordPress, as a shop's order comes in; what is printed is what the visitor was told.
ENDPOINT_OF_WRITERS = """<?php
if ( isset( $_GET['write'] ) ) {
	global $wpdb;
	echo $wpdb->insert( 'hammered', array( 'token' => $_GET['write'] ) ) ? "safe:{$_GET['write']}:" : 'not written';
	exit;
}
"""
# Past WordPress, with its account, as another program on the host does; a new connection each time, some in transactions.
PROGRAM = """
mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
for ( $i = 0; ! file_exists( '/tmp/stop-writing' ); $i++ ) {
	try {
		$db = $connect();
		$db->begin_transaction();
		$db->query( "INSERT INTO hammered (token) VALUES ('program-$i')" );
		usleep( 20000 );
		$db->commit();
		file_put_contents( '/tmp/safe', "program-$i\\n", FILE_APPEND );
		$db->close();
	} catch ( mysqli_sql_exception $error ) {
		file_put_contents( '/tmp/refused', $error->getMessage() . "\\n", FILE_APPEND );
	}
	usleep( 5000 );
}
"""
READER = """
for ( $i = 0; $i < 600; $i++ ) {
	$db = $connect();
	$db->query( 'SELECT COUNT(*) FROM wp_posts' );
	file_put_contents( '/root/read', "once\\n", FILE_APPEND );
	usleep( 900000 );
	$db->close();
}
"""


@pytest.fixture
def writers(lab):
    """Four visitors and a program that write without a pause. Returns what stops them and gives what they were told is safe."""
    lab.here("CREATE TABLE hammered (id int AUTO_INCREMENT PRIMARY KEY, token varchar(60)) ENGINE=Aria;")
    plugins = f"{lab.layout.content}/mu-plugins"
    lab.shell(f"mkdir -p {plugins}; cat > {plugins}/write.php", input=ENDPOINT_OF_WRITERS)
    lab.program("/root/writer.php", PROGRAM)
    stop, told = threading.Event(), []

    def visitor(number: int) -> None:
        for count in itertools.count():
            if stop.is_set():
                return
            token = f"visitor-{number}-{count}"
            status, page = lab.visit(f"/?write={token}")
            if status == 200 and f"safe:{token}:" in page:
                told.append(token)
            elif status == 0:
                time.sleep(0.05)

    threads = [threading.Thread(target=visitor, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()

    def end() -> tuple[list[str], list[str]]:
        stop.set()
        for thread in threads:
            thread.join()
        lab.shell("touch /tmp/stop-writing; sleep 0.5")
        return told, lab.shell("cat /tmp/safe").split()

    time.sleep(2)
    yield end
    if not stop.is_set():
        end()


def test_every_acknowledged_write_is_on_the_target(lab, writers):
    opened = []

    def after(line: str) -> None:
        if "Open the site" in line:
            opened.append(time.monotonic())

    status, output = lab.move(on_line=after)
    time.sleep(2)
    visitors, program = writers()
    assert status == 0, message(output)
    assert lab.state() == "new"
    found = set(lab.there(f"SELECT token FROM {SCHEMA}.hammered"))
    there = [token for token in visitors if token in found]
    by_program = [token for token in program if token in found]
    refused = lab.shell("sort /tmp/refused | uniq -c")
    print(f"\nvisitors: {len(visitors)} writes acknowledged, {len(there)} found on the target")
    print(f"program past WordPress: {len(program)} writes acknowledged, {len(by_program)} found on the target; refused afterwards: {refused.strip()}")
    print(f"outage for writers: {lab.result()['outage_seconds']} s")
    assert len(visitors) > 20 and len(program) > 20
    assert there == visitors and by_program == program
    # it went on writing to the old database, and was told no
    assert "read-only" in refused


def test_an_administrator_who_writes_meanwhile_prevents_the_move(lab):
    """read_only does not stop him on MariaDB, so the move must notice."""
    lab.here("CREATE TABLE hammered (id int AUTO_INCREMENT PRIMARY KEY, token varchar(60));")

    def write(line: str) -> None:
        if line.startswith("TASK") and "Switch wp-config.php over" in line:
            lab.here("INSERT INTO hammered (token) VALUES ('late');")

    status, output = lab.move(on_line=write)
    assert status != 0
    assert "An administrator wrote to the present database" in message(output) and "runs on its old database again" in message(output)
    assert lab.state() == "old"
    assert lab.here("SELECT token FROM hammered;") == ["late"]
    assert lab.move()[0] == 0
    assert lab.state() == "new" and lab.there(f"SELECT token FROM {SCHEMA}.hammered") == ["late"]


def test_a_connection_that_stays_prevents_the_move(lab):
    """It may be in the middle of a transaction; who it is is said."""
    lab.program("/root/stay.php", "$db = $connect(); sleep( 300 );")
    status, output = lab.move()
    assert status != 0 and f"still in use by {lab.layout.database_user}@" in message(output)
    assert lab.state() == "old"
    assert lab.here("SELECT @@read_only;") == ["0"]


def test_connections_that_come_and_go_do_not_prevent_the_move(lab):
    """Readers of which one is always there, such as a monitor; what they could write is refused."""
    for number in range(3):
        lab.program(f"/root/read{number}.php", READER)
        time.sleep(0.3)
    status, output = lab.move()
    assert status == 0, message(output)
    assert lab.state() == "new"
    assert int(lab.shell("wc -l < /root/read")) > 20
