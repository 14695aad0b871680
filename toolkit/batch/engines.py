"""Runs the tasks of a batch on any executor of ``concurrent.futures``; units whose worker was killed are done again."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent import futures
from contextlib import closing, suppress
from multiprocessing import get_context
from typing import Any, TypeVar

from toolkit.batch.work import start
from toolkit.core.findings import FileError, UsageError
from toolkit.core.memo import gc_paused

Task = TypeVar("Task")
Result = TypeVar("Result")
#: Tasks in flight for each worker: enough that none waits, few enough that memory does not grow with the list.
_IN_FLIGHT = 4
#: How long the scheduler of a cluster has to answer.
ANSWER = "10s"


class InProcess(futures.Executor):
    """Does each task at once in this process."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> futures.Future:
        """Return a future that is done."""
        future: futures.Future = futures.Future()
        future.set_result(function(*args, **kwargs))
        return future


def processors() -> int:
    """Return how many processors this process may use."""
    with suppress(AttributeError):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Engine:
    """Makes executors: a first one, and another where one broke. ``after`` is called when the engine is closed."""

    def __init__(
        self, make: Callable[[], futures.Executor], workers: int, after: Callable[[], object] = lambda: None
    ) -> None:
        self.make, self.workers, self.after = make, workers, after
        self.executor = make()

    def renew(self) -> None:
        """Take another executor."""
        self.executor.shutdown(wait=False)
        self.executor = self.make()

    def close(self) -> None:
        """Release the workers once their tasks are done."""
        self.executor.shutdown(wait=True)
        self.after()


def local(jobs: int) -> Engine:
    """Return processes on this machine; one job stays in this process.

    A copy of a process with other threads (a web service) may wait for ever for a lock that one of them held, so there the
    workers are new processes.
    """
    if jobs <= 1:
        return Engine(InProcess, 1)
    context = get_context("spawn") if threading.active_count() > 1 else None
    return Engine(lambda: futures.ProcessPoolExecutor(jobs, context, initializer=start), jobs)


def dask(address: str) -> Engine:
    """Return the workers of a Dask scheduler. Raises UsageError without ``distributed``, FileError where nobody answers."""
    try:
        from distributed import Client
    except ImportError as error:
        hint = "pip install 'institution-toolkit[cluster]'"
        raise UsageError("没有安装 dask.distributed", hint, "no_dask") from error
    try:
        client = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise FileError(f"连不上 Dask：{address}", "请检查地址，例如 tcp://10.0.0.1:8786", "no_scheduler") from error
    workers = sum(client.nthreads().values()) or 1
    return Engine(lambda: client.get_executor(pure=False), workers, client.close)


def each(
    function: Callable[[Task], tuple[Callable[..., Result], tuple]], tasks: Sequence[Task], jobs: int = 0
) -> Generator[tuple[Task, Result | BaseException], None, None]:
    """Yield each task with its result (or the exception) from processes on this machine; ``jobs``: 0 for all processors."""
    with (
        gc_paused(),
        closing(local(min(jobs or processors(), len(tasks)))) as engine,
        closing(pump(engine, function, iter(tasks))) as results,
    ):
        yield from results


def pump(
    engine: Engine, function: Callable[[Task], tuple[Callable[..., Result], tuple]], tasks: Iterator[Task]
) -> Generator[tuple[Task, Result | BaseException], None, None]:
    """Yield each task with its result (or the exception), as they are done; tasks are taken as workers come free.

    ``function`` returns the call of a task. If workers are killed, their tasks are done again, one at a time: a task that
    kills its worker while it is alone yields the error.
    """
    flying: dict[futures.Future, Task] = {}
    lost: deque[Task] = deque()
    limit = engine.workers * _IN_FLIGHT
    try:
        while True:
            while len(flying) < (1 if lost else limit):
                task = lost.popleft() if lost else next(tasks, None)
                if task is None:
                    break
                call, args = function(task)
                try:
                    flying[engine.executor.submit(call, *args)] = task
                except futures.BrokenExecutor:
                    lost.appendleft(task)
                    engine.renew()
            if not flying:
                return
            alone, broken = len(flying) == 1, []
            done, _ = futures.wait(flying, return_when=futures.FIRST_COMPLETED)
            for future in [future for future in flying if future in done]:  # in the order of the list
                task = flying.pop(future)
                error = futures.CancelledError() if future.cancelled() else future.exception()
                if isinstance(error, futures.BrokenExecutor) and not alone:
                    broken.append(task)
                    continue
                yield task, (error if error is not None else future.result())
                if isinstance(error, futures.BrokenExecutor):
                    engine.renew()
            if broken:
                lost.extend([*broken, *flying.values()])
                flying.clear()
                engine.renew()
    finally:
        for future in flying:
            future.cancel()
