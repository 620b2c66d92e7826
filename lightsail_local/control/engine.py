# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs jobs on a pool of workers, one at a time per resource, and applies their outcome when the clocks are due."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..data_plane.base import DataPlaneError
from .registry import JOBS, Job

if TYPE_CHECKING:
    from .cloud import Cloud

log = logging.getLogger(__name__)

WORKERS = 8


class Engine:
    """Tasks are plain records in the store: {id, key, kind, args, operations, operation_due, resource_due, phase, result}.

    phase: queued -> running -> ran; a task leaves the store when its resource is due (or it failed).
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        # One condition on the cloud's own lock: handlers, workers and the timer all wait on the same state.
        self.changed = threading.Condition(cloud.lock)
        self.running = False
        self._waited: dict[str, str | None] = {}  # tasks that an answer waits for: their failure, once they failed
        self._pool: ThreadPoolExecutor | None = None
        self._timer: threading.Thread | None = None

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return self.cloud.store.data["tasks"]

    def start(self) -> None:
        with self.changed:
            self.running = True
            self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="job")
            # A state file of another version may hold jobs that this one does not know.
            self.tasks[:] = [task for task in self.tasks if task["kind"] in JOBS]
            for task in self.tasks:
                if task["phase"] == "running":
                    task["phase"] = "queued"
            self._dispatch()
        self._timer = threading.Thread(target=self._run_timer, name="timer", daemon=True)
        self._timer.start()

    def stop(self) -> None:
        """Lets jobs that are running finish; those still queued go on at the next start."""
        with self.changed:
            self.running = False
            self.changed.notify_all()
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
        if self._timer:
            self._timer.join()

    def forget(self) -> None:
        """Before a reset: nothing queued starts any more; waits for what is running."""
        with self.changed:
            for task in list(self.tasks):
                if task["phase"] != "running":
                    self.tasks.remove(task)
            self.changed.wait_for(lambda: not any(task["phase"] == "running" for task in self.tasks), timeout=120)
            self.tasks.clear()

    def submit(
        self,
        kind: str,
        key: str,
        args: dict[str, Any],
        operations: list[dict[str, Any]],
        operation_after: float,
        resource_after: float,
    ) -> dict[str, Any]:
        """Call with the lock held."""
        assert kind in JOBS, kind
        now = self.cloud.clock.now()
        task = {
            "id": self.cloud.new_id("task"),
            "key": key,
            "kind": kind,
            "args": args,
            "operations": [operation["id"] for operation in operations],
            "operation_due": now + operation_after,
            "resource_due": now + max(resource_after, operation_after),
            "phase": "queued",
            "result": {},
        }
        self.tasks.append(task)
        self._dispatch()
        return task

    def busy(self, key: str) -> bool:
        return any(task["key"] == key and task["phase"] != "ran" for task in self.tasks)

    def wait(self, task_ids: list[str], timeout: float) -> str | None:
        """Until these have run or time is up. Returns what failed. Call without the lock."""

        def done() -> bool:
            return not any(task["id"] in task_ids and task["phase"] != "ran" for task in self.tasks)

        with self.changed:
            self.changed.wait_for(done, timeout=timeout)
            failures = [self._waited.pop(task_id, None) for task_id in task_ids]
        return next((failure for failure in failures if failure), None)

    def watch(self, task_ids: list[str]) -> None:
        """Call with the lock held, before wait(): remember how these end."""
        self._waited.update(dict.fromkeys(task_ids))

    # -- inside --------------------------------------------------------------------------------------------------
    def _dispatch(self) -> None:
        """Starts every queued task whose key has no earlier task still at work."""
        if not self.running:
            return
        taken = {task["key"] for task in self.tasks if task["phase"] == "running"}
        for task in self.tasks:
            if task["phase"] == "queued" and task["key"] not in taken:
                taken.add(task["key"])
                task["phase"] = "running"
                assert self._pool is not None
                self._pool.submit(self._work, task)
            elif task["phase"] == "queued":
                taken.add(task["key"])

    def _work(self, task: dict[str, Any]) -> None:
        job = JOBS[task["kind"]](self.cloud, task["args"])
        message = None
        result: dict[str, Any] = {}
        try:
            injected = task["args"].get("inject_failure")
            if injected:
                raise DataPlaneError(injected)
            result = job.run() or {}
        except DataPlaneError as error:
            message = str(error)
        except Exception as error:  # a worker must never die silently: the operation would stay Started for ever
            log.exception("job %s failed", task["kind"])
            message = f"Internal error of the local Lightsail in {task['kind']}: {error}"
        with self.changed:
            if task not in self.tasks:  # reset meanwhile
                self.changed.notify_all()
                return
            if message is None:
                task["result"] = result
                task["phase"] = "ran"
                self._settle(self.cloud.clock.now())
            else:
                log.warning("%s: %s", task["kind"], message)
                self._fail(task, job, message)
            self._dispatch()
            self.cloud.store.save()
            self.changed.notify_all()

    def _fail(self, task: dict[str, Any], job: Job, message: str) -> None:
        now = self.cloud.clock.now()
        for operation in self._operations(task):
            if operation["status"] == "Started":
                operation.update(
                    status="Failed", isTerminal=True, statusChangedAt=now, errorCode="OperationFailed", errorDetails=message
                )
        task["phase"] = "ran"
        self.tasks.remove(task)
        if task["id"] in self._waited:
            self._waited[task["id"]] = message
        self._apply(job.failed, message)

    def _operations(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = set(task["operations"])
        return [item for item in self.cloud.store.data["operations"] if item["id"] in wanted] if wanted else []

    def _settle(self, now: float) -> bool:
        """Applies what is due. Returns whether anything changed."""
        changed = False
        for task in sorted(self.tasks, key=lambda task: task["resource_due"]):
            if task["phase"] != "ran":
                continue
            job = JOBS[task["kind"]](self.cloud, task["args"])
            if not task.get("operations_ended") and task["operation_due"] <= now:
                task["operations_ended"] = True
                changed = True
                for operation in self._operations(task):
                    if operation["status"] == "Started":
                        operation.update(status="Succeeded", isTerminal=True, statusChangedAt=now)
                self._apply(job.operations_ended, task["result"])
            if task.get("operations_ended") and task["resource_due"] <= now:
                changed = True
                self.tasks.remove(task)
                self._apply(job.ended, task["result"])
        return changed

    @staticmethod
    def _apply(function: Any, argument: Any) -> None:
        try:
            function(argument)
        except Exception:  # one broken job must not stop all clocks
            log.exception("applying the outcome of a job failed")

    def _run_timer(self) -> None:
        with self.changed:
            while self.running:
                now = self.cloud.clock.now()
                if self._settle(now):
                    self._dispatch()
                    self.cloud.store.save()
                    self.changed.notify_all()
                dues = [
                    task["resource_due"] if task.get("operations_ended") else task["operation_due"]
                    for task in self.tasks
                    if task["phase"] == "ran"
                ]
                self.changed.wait(max(0.001, min(dues) - self.cloud.clock.now()) if dues else None)
