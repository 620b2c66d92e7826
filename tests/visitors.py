# SPDX-License-Identifier: GPL-3.0-or-later
"""Visitors who hammer a published site while it is worked on."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter

SITE = "https://www.cloudpress-rehearsal.com"


class Visitors:
    """Visitors who come all the time, some with the cookie of an earlier visit; counts what they got."""

    def __init__(self, cloud, number=3):
        self.cloud, self.end = cloud, threading.Event()
        self.address = cloud.resolve("www.cloudpress-rehearsal.com")
        self.served, self.failed, self.versions = 0, [], Counter()
        self.threads = [threading.Thread(target=self.come, args=(loyal,)) for loyal in itertools.islice(itertools.cycle([True, False]), number)]

    def come(self, loyal):
        cookies = None
        while not self.end.is_set():
            try:
                # as long as the load balancer waits; a busy machine is slow, and slow is not failed
                answer = self.cloud.visit(f"{SITE}/", cookies=cookies, address=self.address, timeout=60)
                found = re.search(r"name='banner' content='([^']+)'", answer.text)
                self.versions[found[1] if found else None] += 1
                if answer.status == 200 and "</html>" in answer.text:
                    self.served += 1
                else:
                    self.failed.append((time.strftime("%T"), answer.status))
                cookies = answer.cookies or cookies if loyal else None
            except OSError as error:
                self.failed.append((time.strftime("%T"), repr(error)))
            time.sleep(0.05)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        for thread in self.threads:
            thread.join()

    def __str__(self):
        return f"{self.served} requests served, {len(self.failed)} failed {self.failed[:5] or ''}, versions seen {dict(self.versions)}"
