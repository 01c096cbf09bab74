"""Proofs and tried changes of a served plant: computed apart, kept whole, told as far as they are known."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path

import pytest

import fabrika
from fabrika.answers.proof import Work
from fabrika.app import kept_results
from fabrika.app.kept_results import UnreadableResultError
from fabrika.app.library import PlantFile
from fabrika.app.proof_tasks import ProofTask, TrialTask
from fabrika.app.proofs import Proofs, name_of
from fabrika.plant import parameters
from fabrika.twin.proof_result import Estimate, ProofResult
from fabrika.twin.trial import Trial
from fabrika.wording import Worded
from report.proofs import proof as made_up
from web_pages.conftest import Eyes, serve

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 300
LOOKED_AT_S = 12
"""Long enough for a page that is made again every two seconds to be told several times how far a proof is."""


@pytest.fixture(scope="module")
def plant():
    return fabrika.read(ROOT / "plants" / "teaching" / "contract.yaml").plant


@pytest.fixture
def proofs(tmp_path):
    made = Proofs(tmp_path / "proofs", budget_s=3, years=2, workers=1)
    yield made
    made.close()


def awaited(ask) -> Work:
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        work = ask()
        if work.state in ("done", "failed"):
            return work
        time.sleep(0.2)
    raise AssertionError("nothing was computed")


def test_a_change_is_tried_apart_and_kept(proofs, plant, tmp_path):
    changed = parameters.replace(plant, "line.press.cycle", "4 s")
    first = proofs.trial(plant, changed)
    assert first.state == "waiting", "who asks is not kept waiting"
    work = awaited(lambda: proofs.trial(plant, changed))
    assert work.state == "done", work
    trial: Trial = work.result
    assert (len(trial.years), trial.wanted, trial.changes) == (2, 2, ("line.press.cycle = 4 s",))
    assert trial.gained.mean == pytest.approx(trial.after.mean - trial.before.mean)
    assert all(year.met_before in (True, False) for year in trial.years)
    again = Proofs(tmp_path / "proofs", budget_s=3, years=2)
    try:
        kept = again.trial(plant, changed)
        assert (kept.state, kept.result) == ("done", trial)
    finally:
        again.close()


def test_trial_is_the_paired_difference_of_two_simulations(proofs):
    plant = fabrika.read(ROOT / "plants" / "teaching" / "two-machines.yaml").plant
    assert not plant.beliefs
    changed = parameters.replace(plant, "line.a.cycle", "0.9 s")
    trial: Trial = awaited(lambda: proofs.trial(plant, changed)).result
    runs = [
        PlantFile(one).simulate(years=1, replications=2, workers=1, seed=1).good().sum(axis=1).tolist()
        for one in (plant, changed)
    ]
    assert [year.before for year in trial.years] == runs[0]
    assert [year.after for year in trial.years] == runs[1]
    assert all(year.met_before is None for year in trial.years), "there is no contract"


def test_what_cannot_be_computed_is_told_and_can_be_asked_again(tmp_path, plant):
    clock = [0]
    made = Proofs(tmp_path / "proofs", budget_s=-1, years=2, workers=1, now_us=lambda: clock[0])
    try:
        work = awaited(lambda: made.proof(plant))
        assert work.state == "failed"
        assert work.problem
        assert work.remedy
        assert made.proof(plant).state == "failed"
        clock[0] = 10**9
        assert made.proof(plant).state in ("waiting", "running", "failed")
    finally:
        made.close()
    assert not list((tmp_path / "proofs").glob("*")) if (tmp_path / "proofs").exists() else True


def test_too_much_at_once_is_refused(tmp_path, plant):
    made = Proofs(tmp_path / "proofs", years=2, workers=1)
    made._work = lambda: None  # nobody takes anything off the queue
    try:
        states = [
            made.trial(plant, parameters.replace(plant, "line.press.cycle", f"{number} s")) for number in range(1, 30)
        ]
        assert [work.state for work in states].count("waiting") == 20
        assert states[-1].remedy == "Ask again in some minutes."
    finally:
        made.close()


def test_names_of_results_follow_from_what_was_asked(plant):
    other = parameters.replace(plant, "line.press.cycle", "4 s")
    tasks = [
        ProofTask(plant, 60.0, 1, 1), ProofTask(plant, 30.0, 1, 1), ProofTask(other, 60.0, 1, 1),
        TrialTask(plant, other, 8, 1, 1), TrialTask(plant, other, 9, 1, 1), ProofTask(replace(plant, sha256="0" * 64), 60.0, 1, 1),
    ]  # fmt: skip
    assert len({name_of(task) for task in tasks}) == len(tasks)
    assert name_of(ProofTask(plant, 60.0, 1, 7)) == name_of(tasks[0]), "workers change no figure"


def test_result_is_read_back_whole_with_its_sentences():
    proof = made_up(
        bottleneck_method=Worded("of {n} weeks, {what}", n=52, what=Worded("all")),
        promised=math.inf,
        units_per_year=Estimate(math.nan, 0.1, 1e300),
    )
    text = kept_results.dumped(proof)
    back = kept_results.loaded(text, ProofResult)
    assert kept_results.dumped(kept_results.loaded(kept_results.dumped(back), ProofResult)) == kept_results.dumped(back)
    assert isinstance(back.bottleneck_method, Worded)
    assert back.bottleneck_method.template == "of {n} weeks, {what}"
    assert back.bottleneck_method.values["what"].template == "all"
    assert math.isnan(back.units_per_year.mean)
    assert replace(back, units_per_year=proof.units_per_year) == proof


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"header": 1}', '{"$worded": "x"}', "[" * 100_000])
def test_a_damaged_file_is_computed_anew(text, tmp_path):
    with pytest.raises(UnreadableResultError):
        kept_results.loaded(text, ProofResult)


def test_proof_page_shows_progress_then_the_report_and_its_print(eyes):
    eyes.become("shift-lead")
    eyes.go("/proof")
    assert eyes.tab.locator(".progress, .report").count() == 1
    answer = eyes.go("/proof/report")
    assert answer.status in (200, 404)


def test_printed_report_is_allowed_its_own_style_and_nothing_else(browser):
    from fabrika.faces.report.html import render_report
    from fabrika.faces.web.printed import policy

    text = render_report(made_up())
    said: list[str] = []
    context = browser.new_context()
    tab = context.new_page()
    tab.on("console", lambda message: said.append(message.text))
    headers = {"Content-Security-Policy": policy(text), "Content-Type": "text/html; charset=utf-8"}
    tab.route("http://report.example/**", lambda route: route.fulfill(status=200, headers=headers, body=text))
    tab.goto("http://report.example/")
    assert tab.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") != "none", "its style was applied"
    assert not said
    context.close()


@pytest.fixture
def small(tmp_path, browser):
    """A tab of a small plant's server, on which nothing was proven yet."""
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.plant_service import adopt

    adopt(BookFolder(tmp_path / "data"), ROOT / "plants" / "teaching" / "contract.yaml", "twin")
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    for served in serve(tmp_path / "data", LOOKED_AT_S):
        yield Eyes(context.new_page(), served.base)
    context.close()


def test_proof_under_way_moves_on_without_being_looked_at_again(small):
    """The page follows the book as all do, and is made again every two seconds though the book stands still."""
    small.go("/proof")
    assert small.tab.locator(".progress").count() == 1
    small.tab.evaluate(
        """() => {
            window.told = new Set();
            const note = () => window.told.add(document.querySelector(".progress")?.innerText ?? "the report");
            note();
            new MutationObserver(note).observe(document.getElementById("live"),
                {subtree: true, childList: true, characterData: true, attributes: true});
        }"""
    )
    small.tab.locator(".report").wait_for(timeout=1_000 * LONGEST_S)
    told = small.tab.evaluate("() => [...window.told]")
    assert len(told) >= 3, told
    assert told[-1] == "the report", "what was kept in the window is still there: nothing was loaded anew"
    assert not small.said
    assert [url for url in small.asked if url.endswith("/proof")] == [f"{small.base}/proof"]
