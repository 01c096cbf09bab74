"""Nothing a person reads is left untranslated: the catalogues hold every message of the source, and no other."""

from __future__ import annotations

import csv
import gettext
import importlib.util
import re
from datetime import date

import pytest
from babel import Locale
from babel.dates import format_skeleton

from fabrika.faces import formats
from fabrika.faces.language import LANGUAGES
from house.registries import ROOT

OTHERS = tuple(language for language in LANGUAGES if language != "en")
NAMES = re.compile(r"\{(\w+)[^}]*\}")


def recipe():
    spec = importlib.util.spec_from_file_location("messages", ROOT / "recipes" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


messages = recipe()


def entries(language: str):
    return [entry for entry in messages.stored(language) if entry.id]


def forms(text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


@pytest.mark.parametrize("language", OTHERS)
def test_catalogue_holds_the_messages_of_the_source_and_no_other(language):
    wanted = {found for found, _ in messages.messages()}
    assert len(wanted) > 500
    stored = messages.stored(language)
    assert {entry.id for entry in stored if entry.id} == wanted, "run: ./fabrika python recipes/messages.py"
    assert not stored.obsolete
    written = messages.po_path(language).read_text(encoding="utf-8")
    assert written == messages.as_text(messages.gathered(language), language), (
        "run: ./fabrika python recipes/messages.py"
    )


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_with_its_names(language):
    count = {"sq": 2, "sr_Latn": 3, "tr": 2}[language]
    for entry in entries(language):
        english, said = forms(entry.id), forms(entry.string)
        assert len(said) == (1 if len(english) == 1 else count), entry.id
        for text in said:
            assert text.strip(), entry.id
            assert set(NAMES.findall(text)) == set(NAMES.findall(english[-1])), (entry.id, text)
            assert text.startswith(" ") == english[0].startswith(" "), entry.id
            assert text.endswith(" ") == english[0].endswith(" "), entry.id
            assert not set("<>") & set(text), entry.id
            assert text.count("|") == english[0].count("|"), entry.id
            assert text.count("`") == english[0].count("`"), entry.id
        assert "fuzzy" not in entry.flags


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_end_as_sentences(language):
    for entry in entries(language):
        for text in forms(entry.string):
            for mark in (".", "?", ":"):
                assert text.endswith(mark) == forms(entry.id)[0].endswith(mark), (entry.id, text)


@pytest.mark.parametrize("language", OTHERS)
def test_compiled_catalogue_is_that_of_the_text(language):
    path = messages.po_path(language).with_suffix(".mo")
    assert path.read_bytes() == messages.compiled(messages.stored(language), language)
    with path.open("rb") as file:
        read = gettext.GNUTranslations(file)
    for entry in entries(language):
        said = forms(entry.string)
        if len(said) == 1:
            assert read.gettext(entry.id) == said[0]
        else:
            found = {read.ngettext(*entry.id, n) for n in range(200)}
            assert found == set(said)


@pytest.mark.parametrize(
    ("language", "n", "text"),
    [
        ("sq", 1, "1 linjë"), ("sq", 2, "2 linja"), ("sr_Latn", 1, "1 linija"), ("sr_Latn", 3, "3 linije"),
        ("sr_Latn", 5, "5 linija"), ("sr_Latn", 12, "12 linija"), ("sr_Latn", 21, "21 linija"), ("tr", 1, "1 hat"),
        ("tr", 7, "7 hat"),
    ],
)  # fmt: skip
def test_plurals_are_those_of_the_language(language, n, text, monkeypatch):
    from fabrika.faces.language import say_many

    monkeypatch.setenv("FABRIKA_LANGUAGE", language)
    assert say_many("{n} line", "{n} lines", n) == text


def lowered(text: str) -> str:
    return text.replace("İ", "i").lower()


STEMS = {
    "station": ("stacion", "stanic", "istasyon"),
    "buffer": ("depo", "međuskladišt", "tampon stok"),
    "machine": ("makin", "mašin", "makine"),
    "product": ("produkt", "proizvod", "ürün"),
    "lot": ("lot", "lot", "lot"),
    "shift": ("ndërrim", "smen", "vardiya"),
    "scrap": ("skarto", "škart", "hurda"),
    "setup": ("përgatitj", "podešavanj", "ayar"),
    "bottleneck": ("fyti", "grl", "darboğaz"),
    "availability": ("disponueshmëri", "raspoloživost", "kullanılabilirlik"),
    "quality": ("cilësi", "kvalitet", "kalite"),
    "tolerance": ("toleranc", "toleranci", "tolerans"),
    "inspection": ("inspektim", "kontrol", "muayene"),
    "contract": ("kontrat", "ugovor", "sözleşme"),
    "maintenance": ("mirëmbajtj", "održavanj", "bakım"),
}
"""The part of each binding term that stays whatever its ending; keys are those of the glossary of terms."""


def test_terms_of_the_glossary_are_used():
    with (messages.LOCALE / "glossary.csv").open(encoding="utf-8", newline="") as file:
        terms = {row[0]: row[2:] for row in csv.reader(file)}
    for key, stems in STEMS.items():
        for language, stem, term in zip(OTHERS, stems, terms[key], strict=True):
            assert stem in lowered(term), (key, language)
            checked = 0
            for entry in entries(language):
                english = forms(entry.id)[-1]
                if " | " in english:
                    continue  # heads of narrow columns are cut short
                if re.search(rf"(?<![`.\w]){key}s?\b(?! file)", NAMES.sub("", english), re.IGNORECASE):
                    checked += 1
                    for text in forms(entry.string):
                        assert stem in lowered(text), (key, entry.id, text)
            assert checked, key


@pytest.mark.parametrize(("language", "locale"), [("sq", "sq_XK"), ("sr_Latn", "sr_Latn_XK"), ("tr", "tr")])
def test_formats_are_those_of_the_cldr(language, locale):
    form, known = formats.FORMATS[language], Locale.parse(locale)
    symbols = known.number_symbols["latn"]
    assert (form.decimal, form.group.replace("\u202f", "\xa0")) == (symbols["decimal"], symbols["group"])
    assert form.percent.format("#,##0") == known.percent_formats[None].pattern
    for day in (date(2026, 1, 31), date(2027, 11, 5)):
        assert formats.day(day.isoformat(), language=language) == format_skeleton("yMd", day, locale=locale)
