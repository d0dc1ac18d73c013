"""Failpoints: armed by name, hit at the nth pass, counted always."""

import os
import signal
import subprocess
import sys

import pytest

from backbone import failpoints
from backbone.failpoints import Injected, arm, hit


def fate(kind: str) -> int:
    """The wait status of a process that passes a failpoint of this kind."""
    code = f"from backbone.failpoints import arm, hit; arm('x:{kind}'); hit('x')"
    process = subprocess.Popen([sys.executable, "-c", code])
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        process.kill()
        process.wait()
    else:
        process.returncode = os.waitstatus_to_exitcode(status)
    return status


def test_a_point_that_is_not_armed_passes_and_is_counted() -> None:
    hit("x")
    hit("x")
    assert failpoints.passed == {"x": 2}


def test_an_armed_point_raises_at_the_first_pass_alone() -> None:
    arm("x:raise")
    with pytest.raises(Injected, match="x"):
        hit("x")
    hit("x")


def test_an_armed_point_raises_at_the_nth_pass() -> None:
    arm("x:raise:3")
    hit("x")
    hit("x")
    with pytest.raises(Injected):
        hit("x")


def test_passes_before_arming_do_not_count() -> None:
    hit("x")
    hit("x")
    arm("x:raise:2")
    hit("x")
    with pytest.raises(Injected):
        hit("x")


def test_several_faults_are_armed_by_one_text() -> None:
    arm("x:raise,y:raise:2,")
    with pytest.raises(Injected):
        hit("x")
    hit("y")
    with pytest.raises(Injected):
        hit("y")


def test_an_empty_text_arms_nothing() -> None:
    arm("")
    hit("x")


def test_disarm_forgets_faults_and_counts() -> None:
    arm("x:raise")
    failpoints.disarm()
    hit("x")
    assert failpoints.passed["x"] == 1


@pytest.mark.parametrize("spec", ["x", "x:rise", "x:", "x:raise:often"])
def test_a_misspelt_fault_is_refused(spec: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # three causes, one kind
        arm(spec)


def test_kill_ends_the_process_without_a_word() -> None:
    assert os.WTERMSIG(fate("kill")) == signal.SIGKILL


def test_stop_freezes_the_process() -> None:
    assert os.WSTOPSIG(fate("stop")) == signal.SIGSTOP
