"""Work on a Dask cluster of this machine: workers that die, a scheduler that goes."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import dask
import pytest
from distributed import LocalCluster

import handcalc
from handcalc.errors import InputError, WorkLostError
from handcalc.processes import cluster as of_cluster
from handcalc.processes import jobs
from handcalc.processes.cluster import cluster
from handcalc.processes.jobs import work_through
from handcalc.storage.store import LineStore
from tests.cli_runs import Shell
from tests.test_jobs import refused_at_three, shared_out, squared

# a scheduler that is ended leaves sockets to whoever collects the garbage
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


def local(workers: int, patience: str = "120s") -> LocalCluster:
    """A cluster that gives up where it has no worker for so long.

    On a busy machine one that was killed may not come back; tests then fail, and do not wait for
    ever.
    """
    with dask.config.set({"distributed.scheduler.no-workers-timeout": patience}):
        return LocalCluster(
            n_workers=workers,
            processes=True,
            threads_per_worker=1,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL + 1,
        )


@pytest.fixture(autouse=True)
def no_garbage() -> Iterator[None]:
    """What a scheduler leaves to the garbage is collected here, and not in somebody else's test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with local(2) as running:
        yield running.scheduler_address
    gc.collect()


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_GRACE", 0)


# -- work -----------------------------------------------------------------------------------------


def test_every_task_is_handed_over_once(scheduler: str) -> None:
    with cluster(scheduler) as executor:
        done, lost = shared_out(squared, range(50), executor)
        assert sorted(done) == [(task, task**2) for task in range(50)]
        twice, _ = shared_out(squared, [3, 3], executor)  # not once for both
    assert (twice, lost) == ([(3, 9), (3, 9)], [])


@POSIX
def test_a_task_that_kills_its_workers_is_lost_alone(
    scheduler: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with cluster(scheduler) as executor:
        done, lost = shared_out(squared, [*range(1, 11), -7, *range(11, 21)], executor)
    assert sorted(done) == [(task, task**2) for task in range(1, 21)]
    said = "It was on 4 workers, one after the other, that died: their logs say why."
    assert lost == [(-7, said)]
    assert capfd.readouterr() == ("", "")


@POSIX
def test_a_worker_that_is_killed_costs_nothing(scheduler: str) -> None:
    with cluster(scheduler) as executor:
        pid = executor.submit(os.getpid).result()
        killed: list[int] = []

        def on_done(_: float, __: None) -> None:
            if not killed:
                os.kill(pid, signal.SIGKILL)
            killed.append(pid)

        work_through(time.sleep, [0.02] * 20, on_done, executor)
    assert len(killed) == 20


def test_a_cluster_without_workers_is_given_up_when_its_scheduler_says_so() -> None:
    with local(1, patience="1s") as running, cluster(running.scheduler_address) as executor:
        running.scale(0)
        while running.scheduler.workers:
            time.sleep(0.05)
        with pytest.raises(WorkLostError, match="no worker for too long"):
            work_through(squared, range(3), lambda _, __: None, executor)
    gc.collect()


def test_an_error_of_a_task_is_that_error(scheduler: str) -> None:
    done: list[int] = []
    with cluster(scheduler) as executor, pytest.raises(InputError, match=r"Not three\.") as caught:
        work_through(refused_at_three, range(6), lambda task, _: done.append(task), executor)
    assert (caught.value.code, caught.value.suggestion) == ("three", "4")
    assert 3 not in done
    with cluster(scheduler) as executor, pytest.raises(TypeError, match=r"pickle|serialize"):
        executor.submit(squared, socket.socket()).result()


def test_ctrl_c_gives_up_what_is_not_done(scheduler: str) -> None:
    done: list[float] = []

    def on_done(task: float, _: None) -> None:
        done.append(task)
        raise KeyboardInterrupt("^C")

    with cluster(scheduler) as executor, pytest.raises(KeyboardInterrupt, match="C"):
        work_through(time.sleep, [0.01, 2], on_done, executor)
    assert set(done) == {0.01}
    with cluster(scheduler, patience=60) as executor:
        pass  # it is there for the next one


@pytest.mark.parametrize("goes", ["in the middle", "before a task", "long before"])
def test_a_scheduler_that_goes_is_said(
    goes: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_cluster, "_CONNECTING", 1)  # and so long it is sought again
    running = local(1)
    done: list[float] = []

    def tasks() -> Iterator[float]:
        yield from (0.01, 0.02)
        if goes != "in the middle":
            running.close()
        if goes == "long before":
            time.sleep(2)
        yield 2

    def on_done(task: float, _: None) -> None:
        done.append(task)
        if len(done) == 2 and goes == "in the middle":
            running.close()

    said = "it broke on the way .its scheduler is gone"
    with (
        cluster(running.scheduler_address) as executor,
        pytest.raises(WorkLostError, match=said) as caught,
    ):
        work_through(time.sleep, tasks(), on_done, executor)
    assert caught.value.code == "broken_executor"
    assert done == [0.01, 0.02] or goes != "in the middle"
    assert capfd.readouterr() == ("", "")


# -- what is no cluster to work with --------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "",
        "here",
        "tcp://",
        "host:port",
        "h:99999",
        "ftp://h:1",
        "h:1/x",
        "a@h:1",
        "[::1:8",
        ":8786",
    ],
)
def test_what_is_no_address(address: str) -> None:
    said = "A scheduler's address is HOST:PORT, not"
    with pytest.raises(InputError, match=said) as caught, cluster(address):
        pass
    assert (caught.value.code, caught.value.suggestion) == (
        "scheduler_address",
        "tcp://127.0.0.1:8786",
    )


@pytest.fixture
def nobody() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_nobody_there(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_cluster, "_CONNECTING", 1)
    said = f"There must be a Dask scheduler at {nobody}, and none answers within 1 seconds: Timed"
    with pytest.raises(InputError, match=said) as caught, cluster(nobody):
        pass
    assert caught.value.code == "scheduler"


def test_no_workers() -> None:
    heard: list[str] = []
    with local(0) as running:
        address = running.scheduler_address
        said = f"The scheduler at {address} must have a worker, and none came in 0.2 s"
        with (
            pytest.raises(InputError, match=said) as caught,
            cluster(address, patience=0.2, on_wait=heard.append),
        ):
            pass
        assert caught.value.suggestion == f"dask worker {address}"
        assert heard == [f"The scheduler at {address} has no workers yet: waiting up to 0.2 s."]
        running.scale(1)
        with cluster(address) as executor:
            assert executor.submit(squared, 3).result() == 9


def test_workers_with_another_version(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster(scheduler) as executor:
        monkeypatch.setattr(handcalc, "__version__", "9.9")
        said = (
            "All workers must have handcalc 9.9, as this process has, and a worker has handcalc 0"
        )
        with pytest.raises(InputError, match=said):
            executor.submit(squared, 3).result()
    said = r"the worker tcp://.* has handcalc 0"
    with pytest.raises(InputError, match=said) as caught, cluster(scheduler):
        pass
    assert (caught.value.code, caught.value.suggestion) == (
        "scheduler",
        'pip install "handcalc==9.9"',
    )


def test_workers_without_handcalc(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_cluster, "_VERSION", "no_such_package.__version__")
    said = "has no handcalc that can be imported"
    with pytest.raises(InputError, match=said), cluster(scheduler):
        pass


# -- handcalc phases ------------------------------------------------------------------------------

MAP = ["phases", "--features=2", "--hidden=1", "--points=3", "--digits=6", "--restarts=4", "--json"]


def test_the_same_map_in_process_in_processes_and_on_a_cluster(
    shell: Shell, scheduler: str
) -> None:
    def answered(*arguments: str) -> dict[str, Any]:
        found = shell(*MAP, "--fresh", *arguments).json()
        assert (found["status"], found["kept"]) == ("ok", 0)
        return {key: found[key] for key in found if key != "wall_seconds"}

    here = answered("--jobs=1")
    assert answered("--jobs=2") == here
    assert answered(f"--scheduler={scheduler}") == here


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--jobs=2", "--scheduler=h:1"], "leave one of the two out. Try: handcalc phases --feat"),
        (["--workers=2", "--scheduler=h:1"], "--jobs are processes of this machine"),
        (
            ["--jobs=3", "--workers=2"],
            "--workers is the old name of --jobs: give one. Try: handcalc",
        ),
        (
            ["--scheduler=here"],
            'address is HOST:PORT, not "here". Try: handcalc phases --features=2',
        ),
    ],
)
def test_phases_refuses(shell: Shell, arguments: list[str], said: str) -> None:
    done = shell("phases", "--features=2", "--hidden=1", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())


@pytest.mark.slow
def test_phases_says_what_it_kept_when_the_cluster_is_lost(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = local(1)
    asked = ["phases", "--features=2", "--hidden=1", "--points=5", "--digits=6", "--restarts=4"]
    put = LineStore.put

    def put_and_close(store: Any, key: Any, record: Any) -> None:
        put(store, key, record)
        running.close()

    monkeypatch.setattr(LineStore, "put", put_and_close)
    done = shell(*asked, f"--scheduler={running.scheduler_address}")
    monkeypatch.undo()
    assert (done.code, done.out) == (2, "")
    said = " ".join(done.err.split())
    assert "it broke on the way (its scheduler is gone" in said
    assert "points are searched" in said
    assert "; the same command goes on from there. Try: handcalc phases --features 2" in said
    assert shell(*asked, "--jobs=1", "--json").json()["kept"] >= 1
