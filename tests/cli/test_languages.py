"""The command line in every language; what machines read stays the same in all."""

from __future__ import annotations

import json

import pytest

from cli.test_commands import BROKEN, PROMISED, SMALLEST
from fabrika.faces.cli.app import call
from fabrika.faces.language import known, wanted

OTHERS = ("sq", "sr_Latn", "tr")
SHORT = ("--days", "3", "--replications", "2", "--workers", "1")


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FABRIKA_LANGUAGE", "en")
    for name, text in (("small", SMALLEST), ("promised", PROMISED), ("broken", BROKEN)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def said(capsys, *words):
    code = call(words)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sq", ("1 linjë, 1 stacion", "kontrata  8 600 njësi në vit", "kërkohet me gjasë 90%", "kujdes: ")),
        ("sr_Latn", ("1 linija, 1 stanica", "ugovor    8.600 jedinica godišnje", "verovatnoća 90%", "upozorenje: ")),
        ("tr", ("1 hat, 1 istasyon", "sözleşme  yılda 8.600 birim", "olasılık %90", "uyarı: ")),
    ],
)
def test_check_speaks_the_language(files, capsys, language, words):
    code, out, err = said(capsys, "check", "promised.yaml", "--language", language)
    assert (code, err) == (0, "")
    for word in words:
        assert word in out
    assert "units a year" not in out
    assert max(len(line) for line in out.splitlines()) <= 100


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sq", ("Njësi të mira", "72,0 h nga 1.1.2001, 2 përsëritje, fara 1", "punë", "Intervalet: 95%, ")),
        ("sr_Latn", ("Ispravne jedinice", "72,0 h od 1. 1. 2001., 2 ponavljanja", "u kvaru", "Intervali: 95%, ")),
        ("tr", ("Sağlam birimler", "01.01.2001 gününden 72,0 h, 2 tekrar", "arızalı", "Aralıklar: %95, ")),
    ],
)
def test_simulate_speaks_the_language(files, capsys, language, words):
    code, out, _ = said(capsys, "simulate", "small.yaml", *SHORT, "--levels", f"--language={language}")
    assert code == 0
    for word in words:
        assert word in out
    for english in ("Good units", "Share of", "Counts", "station ", "buffer", "Intervals", "replications"):
        assert english not in out
    assert "\u2026" not in out


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sq", ("Dëshmia e prodhimit: slow machines", "Çfarë e pengon", "Për ta përsëritur")),
        ("sr_Latn", ("Dokaz proizvodnje: slow machines", "Šta smeta", "Za ponavljanje")),
        ("tr", ("Üretim kanıtı: slow machines", "Engel olan nedir", "Yinelemek için")),
    ],
)
def test_prove_speaks_the_language(files, capsys, language, words):
    command = ("prove", "promised.yaml", "--replications", "4", "--workers", "1", "--html", "r.html")
    code, out, _ = said(capsys, "--language", language, *command)
    assert code == 0
    for word in words:
        assert word in out
    page = (files / "r.html").read_text(encoding="utf-8")
    for english in ("The plant", "Chance", "Method,", "the way", "How ", "good units", "cycle of ", "around the clock"):
        assert english not in page.split("</style>")[1], english


def test_what_machines_read_is_the_same_in_every_language(files, capsys):
    answers = set()
    for language in ("en", *OTHERS):
        _, out, _ = said(capsys, "simulate", "small.yaml", *SHORT, "--json", "--language", language)
        answers.add(out)
        assert json.loads(out)["interval"]["method"].startswith("Student's t")
    assert len(answers) == 1


def test_refusals_speak_the_language_and_name_the_place(files, capsys):
    code, _, err = said(capsys, "prove", "promised.yaml", "--budget", "soon", "--language", "tr")
    assert code == 2
    assert "bir süre değil" in err
    code, _, err = said(capsys, "check", "broken.yaml", "--language", "tr")
    assert code == 1
    assert "broken.yaml:" in err


def test_a_language_holds_for_one_run_only(files, capsys):
    said(capsys, "check", "small.yaml", "--language", "sq")
    _, out, _ = said(capsys, "check", "small.yaml")
    assert "1 line, 2 stations" in out


@pytest.mark.parametrize("value", ["xx", "", "=xx"])
def test_a_language_that_is_not_spoken_is_refused(files, capsys, value):
    words = [f"--language{value}"] if value.startswith("=") else ["--language", *([value] if value else [])]
    code, _, err = said(capsys, "check", "small.yaml", *words)
    assert code == 2
    assert "en, sq, sr_Latn, tr" in err


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("sq_XK.UTF-8", "sq"),
        ("sr-Latn", "sr_Latn"),
        ("sr_RS@latin", "sr_Latn"),
        ("tr", "tr"),
        ("C", None),
        ("de", None),
    ],
)
def test_names_of_languages_are_understood(name, language):
    assert known(name) == language


def test_the_environment_is_asked_in_order(monkeypatch):
    monkeypatch.setenv("LANG", "tr_TR.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("FABRIKA_LANGUAGE", "")
    assert wanted() == "tr"
    monkeypatch.setenv("FABRIKA_LANGUAGE", "sq")
    assert wanted() == "sq"
