"""The command line as a person meets it: words in, text, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fabrika.errors import Problem, RunRefusedError
from fabrika.faces.cli.app import call
from fabrika.faces.cli.notices import problem_line, shown
from fabrika.faces.cli.words import duration_s, share
from unmeasured import unmeasured

SMALLEST = """\
fabrika: 1
plant: {name: two machines}
lines:
  - id: line
    stations:
      - {id: a, kind: machine, cycle: exponential(1 s)}
      - {id: b, kind: machine, cycle: exponential(1 s), buffer: 3}
"""
PROMISED = """\
fabrika: 1
plant: {name: slow machines, warm_up: 2 h}
contract: {units_per_year: 8600, confidence: 90 %}
lines:
  - id: line
    stations:
      - {id: a, kind: machine, cycle: "exponential(1 h) +- 2 %"}
levers:
  - {id: faster, change: line.a.cycle, to: 0.9 h, cost: 1000 EUR}
"""
BROKEN = SMALLEST.replace("buffer: 3", "bufer: 3").replace("exponential(1 s)}", "0 s}")


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("small", SMALLEST), ("promised", PROMISED), ("broken", BROKEN)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def said(capsys, *words):
    code = call(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_check_shows_a_good_plant(files, capsys):
    code, out, err = said(capsys, "check", "small.yaml")
    assert (code, err) == (0, "")
    assert "two machines" in out
    assert "line.a" in out


def test_check_tells_every_problem_with_its_place(files, capsys):
    code, out, err = said(capsys, "check", "broken.yaml")
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("broken.yaml:") and " -> " in line for line in lines)
    assert lines[0].startswith("broken.yaml:6:")
    assert lines[1].startswith("broken.yaml:7:")


def test_check_speaks_json(files, capsys):
    code, out, _ = said(capsys, "check", "broken.yaml", "--json")
    told = json.loads(out)
    assert (code, told["valid"]) == (1, False)
    assert [problem["line"] for problem in told["problems"]] == [6, 7]
    code, out, _ = said(capsys, "check", "small.yaml", "--json", "--parameters")
    told = json.loads(out)
    assert (code, told["valid"]) == (0, True)
    assert {"line.a.cycle", "line.b.buffer"} <= {row["path"] for row in told["parameters"]}


def test_check_lists_parameters(files, capsys):
    _, out, _ = said(capsys, "check", "small.yaml", "--parameters")
    assert "line.b.buffer = 3" in out.splitlines()


def test_schema_is_json(capsys):
    _, out, _ = said(capsys, "schema")
    assert json.loads(out)["$schema"]


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("check", "nowhere.yaml"), 1, "no such file"),
        (("prove", "broken.yaml"), 1, "broken.yaml:6:"),
        (("check",), 2, "FILE"),
        (("simulate", "small.yaml", "--years", "0"), 2, "1 to 50"),
        (("simulate", "small.yaml", "--years", "1", "--days", "1"), 2, "one of"),
        (("simulate", "small.yaml", "--years", "many"), 2, "years"),
        (("simulate", "small.yaml", "--from", "tomorrow"), 2, "2026-01-31"),
        (("simulate", "small.yaml", "--seed", "-1"), 2, "seed"),
        (("simulate", "small.yaml", "--workers", "0"), 2, "workers"),
        (("simulate", "small.yaml", "--units", "0"), 2, "units"),
        (("prove", "small.yaml", "--budget", "soon"), 2, "3min"),
        (("prove", "small.yaml", "--confidence", "high"), 2, "95%"),
        (("prove", "small.yaml", "--confidence", "100%"), 2, "50 %"),
        (("prv", "small.yaml"), 2, "prove"),
    ],
)
def test_refusals_have_a_code_and_a_remedy(files, capsys, words, code, text):
    found, out, err = said(capsys, *words)
    assert (found, out) == (code, "")
    assert text in err
    assert "Traceback" not in err


def test_simulate_speaks_json_alone(files, capsys):
    code, out, _ = said(capsys, "simulate", "small.yaml", "--days", "2", "--replications", "3", "--json")
    told = json.loads(out)
    assert (code, told["replications"], told["seed"]) == (0, 3, 1)
    assert told["good_per_hour"]["low"] < 3000 < told["good_per_hour"]["high"]  # (b + 2)/(b + 3) = 5/6 a second
    assert [station["id"] for station in told["stations"]] == ["line.a", "line.b"]


def test_simulate_prints_a_page(files, capsys):
    code, out, _ = said(capsys, "simulate", "small.yaml", "--days", "1", "--replications", "2")
    assert code == 0
    assert "line.a" in out
    assert "starved" in out
    assert "empty" not in out


def test_simulate_prints_levels_if_asked(files, capsys):
    code, out, _ = said(capsys, "simulate", "small.yaml", "--days", "1", "--replications", "2", "--levels")
    assert code == 0
    assert "line.a > line.b" in out
    assert "empty" in out


def test_prove_prints_a_page_and_writes_a_report(files, capsys):
    code, out, _ = said(
        capsys, "prove", "promised.yaml", "--replications", "8", "--workers", "1", "--html", "out/r.html"
    )
    assert code == 0
    assert "8 600" in out.replace("\N{THIN SPACE}", " ").replace(",", " ")
    report = (files / "out" / "r.html").read_text(encoding="utf-8")
    assert "slow machines" in report
    assert "<script" not in report


def test_prove_speaks_json_alone(files, capsys):
    code, out, _ = said(capsys, "prove", "promised.yaml", "--replications", "8", "--workers", "1", "--json")
    told = json.loads(out)
    assert code == 0
    assert 0 <= told["chance_met"]["low"] <= told["chance_met"]["mean"] <= told["chance_met"]["high"] <= 1
    assert {row["parameter"] for row in told["gradient"]} >= {"line.a.cycle"}


def test_a_report_that_cannot_be_written_is_said(files, capsys):
    code, _, err = said(
        capsys, "prove", "promised.yaml", "--replications", "2", "--workers", "1", "--html", "small.yaml/r.html"
    )
    assert code == 2
    assert "written" in err


def start(*words, cwd, environment=None):
    return subprocess.Popen(
        [sys.executable, "-m", "fabrika", *words],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def processor_s(process):
    """Seconds of processor that a process has had; where nobody tells, enough."""
    try:
        user, system = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 1.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_prints_what_is_known(files, workers):
    words = ["simulate", "small.yaml", "--days", "5", "--replications", "100000", "--workers", workers, "--json"]
    # Not traced: a signal that comes while the tracer holds a lock of its own leaves it locked, and the process waits for ever.
    running = start(*words, cwd=files, environment=unmeasured())
    while processor_s(running) < 1.0:  # a busy machine may not even have begun
        time.sleep(0.1)
    time.sleep(4 if workers == "1" else 8)  # the workers begin when this process has
    running.send_signal(signal.SIGINT)
    try:
        out, err = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 130, err
    assert "Traceback" not in err
    if out:
        told = json.loads(out)
        assert not told["complete"]
        assert told["replications"] >= 1


def test_the_demo_proves_and_writes_its_report(files, capsys):
    plant = files / "plants" / "cartridge-20m"
    plant.mkdir(parents=True)
    (plant / "plant.yaml").write_text(PROMISED)
    code, out, _ = said(capsys, "demo", "--no-serve", "--budget", "20s", "--workers", "1")
    assert code == 0
    assert str(files / "reports" / "cartridge-20m.html") in out
    assert "default-src" not in out
    assert (files / "reports" / "cartridge-20m.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_demo_without_its_plant_says_where_to_run_it(files, capsys, monkeypatch):
    monkeypatch.setattr("fabrika.__file__", str(files / "a" / "b" / "c.py"))
    code, _, err = said(capsys, "demo", "--no-serve")
    assert code == 2
    assert "project's folder" in err


def test_a_reader_that_goes_away_is_no_failure_to_be_told(files):
    running = start("schema", cwd=files)
    running.stdout.close()
    err = running.stderr.read()
    running.wait(timeout=60)
    running.stderr.close()
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "seconds"), [("3min", 180), ("90s", 90), ("90", 90), ("1.5 h", 5400), (" 2 min ", 120)]
)
def test_durations(text, seconds):
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "min", "-3 s", "1e9", "3 days", "3min2s", "nan"])
def test_no_durations(text):
    with pytest.raises(RunRefusedError):
        duration_s(text)


@pytest.mark.parametrize(("text", "value"), [("95%", 0.95), ("95 %", 0.95), ("0.95", 0.95), ("99.5%", 0.995)])
def test_shares(text, value):
    assert share(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "%", "101%", "95", "-1%", "high"])
def test_no_shares(text):
    with pytest.raises(RunRefusedError):
        share(text)


def test_a_file_cannot_steer_the_terminal():
    line = problem_line("p.yaml", Problem(3, 7, "lines[0]", "\x1b[31mRed\x07.", "Write\nit."))
    assert line == "p.yaml:3:7: \\x1b[31mRed\\x07. -> Write\\nit. [lines[0]]"
    assert problem_line("p.yaml", Problem(0, 0, "", "Gone.", "Look.")) == "p.yaml: Gone. -> Look."
    assert shown("\udcff") == "\\udcff"


def test_another_language_falls_back_to_english(files, capsys, monkeypatch):
    monkeypatch.setenv("FABRIKA_LANGUAGE", "sq")
    code, _, err = said(capsys, "prove", "small.yaml", "--budget", "soon")
    assert code == 2
    assert err
