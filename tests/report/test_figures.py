"""The coordinates of the figures are the values."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from fabrika.faces.report.figures import chances, distribution, spread, states, tornado
from fabrika.faces.report.figures import losses as loss_figure
from fabrika.faces.report.svg import WIDTH, Drawing, Scale, round_step, unit_labels
from fabrika.twin.proof_result import Estimate, GradientRow, Loss, Variance
from report.proofs import CONSTRAINT, NEEDED, around, gradient, losses, output, proof, station, unknowns, ways


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def number(element: ET.Element, name: str) -> float:
    return float(element.get(name))


def bars(svg: str) -> dict[str, ET.Element]:
    """Rectangles that say what they are, by that text."""
    return {rect.find("title").text: rect for rect in drawn(svg).iter("rect") if rect.find("title") is not None}


def texts(svg: str) -> list[str]:
    return [text.text.replace("\u202f", " ") for text in drawn(svg).iter("text")]


@pytest.mark.parametrize(
    ("rough", "step"), [(0.9, 1), (1, 1), (1.1, 2), (3, 5), (6, 10), (0.021, 0.05), (230_000, 500_000)]
)
def test_steps_are_round(rough, step):
    assert round_step(rough) == pytest.approx(step)


def test_a_scale_is_linear_and_holds_within_the_drawing():
    scale = Scale(10, 20, 100, 300)
    assert [scale.at(value) for value in (10, 15, 20, 5, 99)] == [100, 200, 300, 100, 300]
    assert scale.ticks(5) == [10, 12, 14, 16, 18, 20]
    assert Scale(5, 5, 0, 10).at(5) == 5


def test_units_on_an_axis_are_counted_in_what_reads_well():
    assert unit_labels([18e6, 19.5e6, 21e6]) == ("millions", [(18e6, "18.0"), (19.5e6, "19.5"), (21e6, "21.0")])
    assert unit_labels([0, 2000, 4000])[0] == "thousands"
    assert unit_labels([0, 500])[1] == [(0, "0"), (500, "500")]


def test_text_in_a_drawing_is_escaped():
    drawing = Drawing("f", "<b>&", "\u202e]]>", 10)
    drawing.write((0, 0), "</svg><script>&\x00")
    drawing.rect((0, 0, 1, 1), "#fff", tip="<i>")
    root = drawn(drawing.text())
    assert root.find("text").text == "</svg><script>&[U+0000]"
    assert root.find("rect/title").text == "<i>"
    assert root.find("desc").text == "[U+202E]]]>"


def test_losses_are_a_staircase_in_proportion():
    rows = [row for row in losses() if row.cause != "off_shift"]
    found = list(bars(loss_figure.draw(losses(), "k")).values())
    assert len(found) == len(rows) + 1
    *steps, total = found
    widths = [number(step, "width") for step in steps]
    sizes = sorted((row.units for row in rows), reverse=True)
    scale = number(total, "width") / sum(sizes)
    assert widths == pytest.approx([size * scale for size in sizes], abs=0.02)
    for before, after in pairwise(steps):
        assert number(after, "x") == pytest.approx(number(before, "x") + number(before, "width"), abs=0.02)
    assert "43 700 000" not in " ".join(texts(loss_figure.draw(losses(), "k")))


def test_many_losses_end_in_one_bar_for_the_rest():
    many = tuple(Loss("a.b", f"c{i}", f"cause {i}", 1.0, 100.0 - i) for i in range(30))
    rows = loss_figure.drawn(many)
    assert len(rows) == loss_figure.MOST
    assert rows[-1] == ("17 smaller causes", sum(100.0 - i for i in range(13, 30)))
    assert loss_figure.draw((), "k") == ""


def test_state_bars_are_shares_of_open_time():
    row = station(3, "case.form-3")
    svg = states.draw([row], "other", "k", person=True)
    opened = 1 - row.states["off_shift"]
    width = WIDTH - states.LABELS - states.RIGHT
    found = bars(svg)
    shares = {title.split(": ")[1].rsplit(" ", 1)[0]: number(bar, "width") / width for title, bar in found.items()}
    assert shares["processing"] == pytest.approx(row.states["processing"] / opened, abs=1e-4)
    assert shares["down"] == pytest.approx(row.states["down"] / opened, abs=1e-4)
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-3)
    assert "off shift" not in shares
    fills = [bar.get("fill") for bar in found.values()]
    assert len(fills) == len(set(fills)), "each state has a fill of its own"


def test_the_constraint_bears_a_mark_and_red_only_if_somebody_must_see_to_it():
    rows = [station(0, "a.b"), station(1, CONSTRAINT)]
    marked = drawn(states.draw(rows, CONSTRAINT, "k", person=True)).findall("path")
    assert len(marked) == 1
    assert marked[0].get("fill") == "#a8201a"
    assert "#a8201a" not in states.draw(rows, CONSTRAINT, "k", person=False)


def test_many_stations_are_spread_over_figures_of_one_page():
    rows = [station(i, f"line.s-{i}") for i in range(100)]
    portions = states.pages(rows)
    assert [row for portion in portions for row in portion] == rows
    assert all(len(portion) <= states.MOST for portion in portions)
    assert states.pages([]) == []


def test_tornado_bars_and_intervals_are_the_values():
    svg = tornado.draw(gradient(), "k")
    root = drawn(svg)
    found = [rect for rect in root.iter("rect") if rect.find("title") is not None]
    rows = tornado.ranked(gradient())
    low = min(row.units.low for row in rows)
    high = max(row.units.high for row in rows)
    scale = Scale(low, high, tornado.LABELS, WIDTH - tornado.RIGHT)
    for row, bar in zip(rows, found, strict=True):
        ends = sorted((scale.at(0), scale.at(row.units.mean)))
        assert [number(bar, "x"), number(bar, "x") + number(bar, "width")] == pytest.approx(ends, abs=0.02)
        whisker = (scale.at(row.units.low), scale.at(row.units.high))
        assert any(
            (number(line, "x1"), number(line, "x2")) == pytest.approx(whisker, abs=0.01) for line in root.iter("line")
        )


def test_a_tornado_leaves_out_what_is_not_a_number():
    nan = float("nan")
    row = GradientRow("a", "b", "c", "paired", "d", Estimate(nan, nan, nan), None)
    assert tornado.draw([row], "k") == ""
    assert "<svg" in tornado.draw([GradientRow("a", "b", "c", "path", "d", around(0.0, 0.0), None)], "k")


def test_years_short_of_the_contract_stand_left_of_its_line():
    whole = proof()
    svg = distribution.draw(whole, "first_year", "k")
    root = drawn(svg)
    line = next(e for e in root.iter("line") if e.get("stroke-width") == "1.75")
    at = number(line, "x1")
    short = [rect for rect in root.iter("rect") if rect.get("fill") == "#a8201a"]
    met = [rect for rect in root.iter("rect") if rect.get("fill") != "#a8201a"]
    assert all(number(rect, "x") + number(rect, "width") <= at for rect in short)
    assert all(number(rect, "x") >= at for rect in met)

    def years(rects: list[ET.Element]) -> int:
        return sum(int(rect.find("title").text.split()[0]) for rect in rects)

    samples = [whole.output("first_year", knowledge).sample for knowledge in ("belief", "luck")]
    below = sum(units < NEEDED for sample in samples for units in sample)
    assert years(short) == below
    assert years(met) == sum(len(sample) for sample in samples) - below


def test_columns_of_the_distribution_are_as_high_as_they_count():
    svg = distribution.draw(
        proof(outputs=(output("first_year", "belief", "contractual", 20.2e6, 6e5),)), "first_year", "k"
    )
    rects = list(drawn(svg).iter("rect"))
    counts = [int(rect.find("title").text.split()[0]) for rect in rects]
    heights = [number(rect, "height") for rect in rects]
    assert heights == pytest.approx([distribution.COLUMNS * count / max(counts) for count in counts], abs=0.01)


def test_every_simulated_year_has_its_tick():
    row = output("first_year", "belief", "contractual", 20.2e6, 6e5)
    root = drawn(distribution.draw(proof(outputs=(row,)), "first_year", "k"))
    ticks = sorted(number(line, "x1") for line in root.iter("line") if line.get("stroke-width") == "0.5")
    assert len(ticks) == len(row.sample)
    values = sorted(row.sample)
    slope = (ticks[-1] - ticks[0]) / (values[-1] - values[0])
    assert ticks == pytest.approx([ticks[0] + slope * (value - values[0]) for value in values], abs=0.02)


def test_equal_years_and_no_years_can_be_drawn():
    row = output("first_year", "belief", "contractual", 20.2e6, 0.0)
    assert "<svg" in distribution.draw(proof(outputs=(row,), needed=20.2e6, promised=20.2e6), "first_year", "k")
    assert distribution.draw(proof(outputs=()), "first_year", "k") == ""


def test_chances_lie_on_an_axis_from_nought_to_a_hundred():
    svg = chances.draw_answer(proof(), "k")
    width = WIDTH - chances.LABELS - chances.RIGHT
    points = [(number(circle, "cx") - chances.LABELS) / width for circle in drawn(svg).iter("circle")]
    assert points == pytest.approx([0.62, 0.78, 0.74, 0.91], abs=1e-4)
    assert "62 %" in texts(svg)
    assert chances.draw_answer(proof(has_contract=False), "k") == ""


def test_ways_show_before_and_after():
    svg = chances.draw_ways(ways().found, 0.9, "k")
    width = WIDTH - chances.LABELS - chances.RIGHT
    points = [(number(circle, "cx") - chances.LABELS) / width for circle in drawn(svg).iter("circle")]
    assert points == pytest.approx([0.62, 0.915, 0.62, 0.90, 0.62, 0.97], abs=1e-4)


def test_luck_and_ignorance_share_one_bar():
    svg = spread.draw(Variance(5.0, 3.0, 4.0, 0.36, 0.64, ""), unknowns(), "k")
    luck, ignorance = [rect for rect in drawn(svg).findall("rect") if number(rect, "height") == 18]
    assert number(luck, "width") / WIDTH == pytest.approx(0.36, abs=1e-4)
    assert number(ignorance, "width") / WIDTH == pytest.approx(0.64, abs=1e-4)
    widths = [number(bar, "width") for bar in bars(svg).values()]
    sizes = sorted((row.sd_units for row in unknowns()), reverse=True)
    assert [width / widths[0] for width in widths] == pytest.approx([size / sizes[0] for size in sizes], abs=1e-3)
