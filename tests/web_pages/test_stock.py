"""A container at the line on a telephone: its label is scanned, what was sent for rework comes back, a second scan is told so."""

from __future__ import annotations

SMALL = """[...document.querySelectorAll('.touch button, .touch input, .touch select, .touch summary, .scan input, .scan button')]
    .filter(e => e.offsetParent && e.getBoundingClientRect().height < 48).map(e => e.outerHTML.slice(0, 100))"""


def text(eyes) -> str:
    return eyes.tab.inner_text("main")


def test_a_container_is_scanned_and_its_units_taken_back(telephone):
    tab = telephone.tab
    telephone.become("operator")
    telephone.go("/stock")
    tab.fill("#scan", "]d291T-1")
    tab.click(".scan button")
    assert tab.evaluate(SMALL) == []
    tab.click("a.found")
    tab.wait_for_load_state("load")
    assert tab.url.endswith("/containers/T-1")
    assert tab.evaluate(SMALL) == []
    assert tab.locator("details[open] > summary").inner_text().strip() == "Take back"
    form = "form[action='/do/inventory.take_back']"
    tab.fill(f"{form} [name=good]", "25")
    tab.fill(f"{form} [name=scrapped]", "4")
    tab.fill(f"{form} [name=reason]", "brushed")
    tab.click(f"{form} button")
    tab.locator(f"{form} .notice", has_text="30 units were sent, and 29 come back").wait_for()
    tab.fill(f"{form} [name=scrapped]", "5")  # the rest stands as it was entered
    with tab.expect_navigation():
        tab.click(f"{form} button")
    telephone.go("/containers/T-1")
    assert "388" in text(telephone)
    assert tab.locator("details[open] > summary").inner_text().strip() == "Put into a station"
    # As a keyboard wedge types it, with FNC1 as the control sign GS; and a label that is damaged.
    telephone.go("/do/inventory.empty_container")
    tab.evaluate("document.querySelector('[name=container]').value = '\\x1d91T-1'")
    tab.fill("[name=left_over]", "5")
    with tab.expect_navigation(
        wait_until="load"
    ):  # what can wait for the network is sent by the page, which then goes on
        tab.click("form.command button")
    telephone.go("/containers/T-1")
    assert "empty" in text(telephone)
    telephone.go("/stock?scan=%5Dd20109504000059102")
    assert "check digit of the field (01) is wrong" in text(telephone)
    assert telephone.said == [] or all("409" in said or "422" in said for said in telephone.said)


def test_only_the_label_comes_on_paper(eyes):
    eyes.become("operator")
    eyes.go("/labels/containers/T-1")
    eyes.tab.emulate_media(media="print")
    assert eyes.tab.locator("svg.code").is_visible()
    assert not eyes.tab.locator("h1").is_visible()
    assert not eyes.tab.locator("nav").first.is_visible()
    answer = eyes.tab.request.get(eyes.base + "/labels/containers/T-1.zpl")
    assert answer.text().startswith("^XA^CI28^FO40,40^GFA,")
    assert "(91)T-1^FS^XZ" in answer.text()
    assert eyes.tab.request.get(eyes.base + "/labels/orders/T-1").status == 404
