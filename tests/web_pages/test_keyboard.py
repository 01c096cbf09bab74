"""The pages without a mouse: everything is reached in a sensible order, and what has the focus is seen."""

from __future__ import annotations

from web_pages.floor import DOWN, UNCODED

FOCUS = """() => {
    const e = document.activeElement;
    const style = getComputedStyle(e);
    return {text: (e.getAttribute('aria-label') || e.innerText || e.name || '').trim().slice(0, 60), tag: e.tagName,
            href: e.getAttribute('href'), seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2};
}"""


def walk(eyes, most: int = 200) -> list[dict]:
    """Where the focus goes from the beginning to the end of a page."""
    found = []
    for _ in range(most):
        eyes.tab.keyboard.press("Tab")
        here = eyes.tab.evaluate(FOCUS)
        if here["tag"] == "BODY":
            return found
        found.append(here)
    raise AssertionError("the focus is caught somewhere")


def test_focus_goes_through_the_board_and_is_always_seen(eyes):
    eyes.become("shift-lead")
    eyes.go("/")
    stops = walk(eyes)
    assert stops[0]["text"] == "Skip to the contents"
    assert all(stop["seen"] for stop in stops), [stop for stop in stops if not stop["seen"]]
    links = [stop["href"] for stop in stops if stop["tag"] == "A"]
    assert f"/stations/{DOWN}" in links
    assert links.index("/attention") < links.index("/lines/case") < links.index("/lines/packing")


def test_stop_is_coded_with_the_keyboard_alone(eyes):
    eyes.become("shift-lead")
    eyes.go("/")
    eyes.tab.keyboard.press("Tab")
    eyes.tab.keyboard.press("Enter")
    assert eyes.tab.evaluate("location.hash") == "#main"
    for _ in range(60):
        eyes.tab.keyboard.press("Tab")
        if eyes.tab.evaluate(FOCUS)["href"] == f"/stations/{UNCODED}":
            break
    eyes.tab.keyboard.press("Enter")
    eyes.tab.wait_for_url(f"**/stations/{UNCODED}")
    for _ in range(150):
        eyes.tab.keyboard.press("Tab")
        here = eyes.tab.evaluate(FOCUS)
        if here["tag"] == "BUTTON" and here["text"] == "jam":
            break
    else:
        raise AssertionError("no stop can be coded")
    eyes.tab.keyboard.press("Enter")
    eyes.tab.wait_for_selector(".notice >> text=done.")
