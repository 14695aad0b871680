"""Where the work is done: any executor of ``concurrent.futures``. Units whose worker was killed are done again."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import suppress
from multiprocessing import get_context
from typing import Any, TypeVar

from toolkit.batch.work import start
from toolkit.core.findings import FileError, UsageError

Task = TypeVar("Task")
Result = TypeVar("Result")
#: Tasks in flight for each worker: enough that none waits, few enough that memory does not grow with the list.
_IN_FLIGHT = 4


class Inline(Executor):
    """Does each task at once in this process."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """Return a future that is done."""
        future: Future = Future()
        future.set_result(function(*args, **kwargs))
        return future


def processors() -> int:
    """Return how many processors this process may use."""
    with suppress(AttributeError):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Engine:
    """Makes executors: a first one, and another where one broke."""

    def __init__(self, make: Callable[[], Executor], workers: int, after: Callable[[], object] = lambda: None) -> None:
        self.make = make
        self.workers = workers
        self.after = after
        self.executor = make()

    def renew(self) -> None:
        """Take another executor."""
        self.executor.shutdown(wait=False)
        self.executor = self.make()

    def close(self) -> None:
        """Let go of the workers once they have ended what they are at."""
        self.executor.shutdown(wait=True)
        self.after()


def local(jobs: int) -> Engine:
    """Return processes on this machine; one job stays in this process.

    A copy of a process with other threads (a web service) may wait for ever for a lock that one of them held, so there the
    workers begin anew.
    """
    if jobs <= 1:
        return Engine(Inline, 1)
    context = get_context("spawn") if threading.active_count() > 1 else None
    return Engine(lambda: ProcessPoolExecutor(jobs, context, initializer=start), jobs)


def dask(address: str) -> Engine:
    """Return the workers of a Dask scheduler. Raises UsageError without ``distributed``, FileError where nobody answers."""
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "没有安装 dask.distributed", "pip install 'institution-toolkit[cluster]'", "no_dask"
        ) from error
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise FileError(f"连不上 Dask：{address}", "请检查地址，例如 tcp://10.0.0.1:8786", "no_scheduler") from error
    workers = sum(client.nthreads().values()) or 1
    return Engine(lambda: client.get_executor(pure=False), workers, client.close)


def pump(
    engine: Engine, function: Callable[[Task], tuple[Callable[..., Result], tuple]], tasks: Iterator[Task]
) -> Generator[tuple[Task, Result | BaseException], None, None]:
    """Yield each task with its result (or what it raised), as they are done; tasks are taken as workers come free.

    ``function`` says what to call for a task. If workers are killed, their tasks are done again, one at a time: one that
    kills its worker while it is alone yields the error.
    """
    flying: dict[Future, Task] = {}
    try:
        yield from _pumped(engine, function, iter(tasks), flying)
    finally:
        for future in flying:
            future.cancel()


def _pumped(
    engine: Engine, function: Callable, tasks: Iterator[Any], flying: dict[Future, Any]
) -> Iterator[tuple[Any, Any]]:
    again: deque[Any] = deque()
    limit = engine.workers * _IN_FLIGHT
    while True:
        while len(flying) < (1 if again else limit):
            task = again.popleft() if again else next(tasks, None)
            if task is None:
                break
            if not _submit(engine, function, task, flying):
                again.appendleft(task)
                engine.renew()
        if not flying:
            return
        alone = len(flying) == 1
        done, _ = wait(flying, return_when=FIRST_COMPLETED)
        lost = []
        for future in [one for one in flying if one in done]:  # in the order of the list
            task = flying.pop(future)
            error = CancelledError() if future.cancelled() else future.exception()
            if isinstance(error, BrokenExecutor) and not alone:
                lost.append(task)
                continue
            yield task, (error if error is not None else future.result())
            if isinstance(error, BrokenExecutor):
                engine.renew()
        if lost:
            again.extend([*lost, *flying.values()])
            flying.clear()
            engine.renew()


def _submit(engine: Engine, function: Callable, task: Any, flying: dict[Future, Any]) -> bool:
    call, args = function(task)
    try:
        flying[engine.executor.submit(call, *args)] = task
    except BrokenExecutor:
        return False
    return True
