"""The same work on a Dask cluster, one of whose workers is killed in the middle: no unit lost, none doubled."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_lists import contents, workbook

from toolkit.batch import Event, Options, batch
from toolkit.core.findings import FileError, UsageError

distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed: pip install '.[cluster]'")
UNITS = 10


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    """Two worker processes of one thread each."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as made:
        yield made


@pytest.fixture(scope="module")
def calm(tmp_path_factory) -> tuple[Path, dict[str, bytes], dict[str, bytes]]:
    """A list, and what an undisturbed local run makes of it: zips and folders."""
    folder = tmp_path_factory.mktemp("calm")
    source = workbook(folder / "u.xlsx", UNITS)
    batch(source, folder / "zip", Options(jobs=1, zipped=True))
    batch(source, folder / "plain", Options(jobs=1))
    return source, contents(folder / "zip"), contents(folder / "plain")


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"zipped": True}, id="zip"),
        pytest.param({"zipped": True, "returned": True}, id="returned", marks=pytest.mark.slow),
        pytest.param({}, id="folders", marks=pytest.mark.slow),
    ],
)
def test_a_killed_worker_loses_and_doubles_nothing(cluster, calm, tmp_path, options):
    source, zips, plain = calm
    told: list[str] = []

    def kill_in_the_middle(event: Event) -> None:
        if event.what == "unit":
            told.append(event.line.name)
            if len(told) == 3:
                with distributed.Client(cluster, set_as_default=False) as client:
                    first = sorted(client.run(os.getpid).values())[0]
                os.kill(first, signal.SIGKILL)

    report = batch(source, tmp_path / "out", Options(dask=cluster.scheduler_address, **options), kill_in_the_middle)
    assert [line.state for line in report.lines] == ["done"] * UNITS
    assert len(told) == len(set(told)) == UNITS
    assert contents(tmp_path / "out") == (zips if options else plain)
    lines = (tmp_path / "out/.toolkit/state.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum('"t":' in line for line in lines) == UNITS
    again = batch(source, tmp_path / "out", Options(jobs=1, zipped=bool(options)))
    assert [line.state for line in again.lines] == ["unchanged"] * UNITS  # a local run goes on where the cluster ended


@pytest.mark.slow
def test_nobody_answers(calm, tmp_path, monkeypatch):
    monkeypatch.setattr("toolkit.batch.engines.ANSWER", "0.5s")
    with pytest.raises(FileError, match="连不上"):
        batch(calm[0], tmp_path / "out", Options(dask="tcp://127.0.0.1:9", zipped=True))


@pytest.mark.slow
def test_returning_needs_zips_and_a_cluster(calm, tmp_path):
    with pytest.raises(UsageError):
        batch(calm[0], tmp_path / "out", Options(returned=True, zipped=True))
