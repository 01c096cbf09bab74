"""A document from the browser's form to its page: pasted, approved, put in force, read; its text runs nowhere."""

from __future__ import annotations

TEXT = "1. Look.\r\n2. <script>alert(1)</script>"


def sent(browser, name, /, **form):
    answer = browser.post(
        f"/do/{name}", {**form, "idempotency_key": f"key-of-{name}-0123456789".replace(".", "-"), "next": "/documents"}
    )
    return answer.status_code


def test_a_pasted_text_becomes_a_revision_that_is_approved_and_read(site):
    writer = site.browser(site.person("writer", "quality-manager"))
    manager = site.browser(site.person("approver", "manager"))
    form = {"document": "wi-1", "kind": "instruction", "title": "Press", "language": "en", "text": TEXT}
    assert "documents.draft" in writer.get("/documents").content.decode()
    assert sent(writer, "documents.draft", **form, stations="line.a\r\n") == 303
    page = writer.get("/documents/wi-1/1").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert 'action="/do/documents.approve"' not in page, "who wrote it is offered no approval"
    one = {"document": "wi-1", "revision": "1"}
    assert sent(writer, "documents.approve", **one) == 409
    assert 'action="/do/documents.approve"' in manager.get("/documents/wi-1/1").content.decode()
    assert sent(manager, "documents.approve", **one) == 303
    assert sent(manager, "documents.put_in_force", **one) == 303
    assert sent(manager, "documents.read", **one) == 303
    seen = manager.get("/documents/wi-1.json").json()["data"]
    assert (seen["in_force"], [row["person"] for row in seen["readers"]]) == ([1], ["approver"])
    assert seen["revisions"][0]["stations"] == ["line.a"]
    page = manager.get("/documents/wi-1/1").content.decode()
    assert "You have read and understood this revision." in page
    assert 'action="/do/documents.read"' not in page
    next_one = writer.get("/documents/wi-1/1").content.decode()
    assert "1. Look.\n2. &lt;script&gt;" in next_one.split("<textarea", 1)[1], "the next revision begins with this text"


def test_pages_speak_the_readers_language(site):
    writer = site.browser(site.person("writer", "quality-manager"))
    form = {"document": "wi-1", "kind": "form", "title": "Press", "language": "sq", "text": "Shtyp."}
    assert sent(writer, "documents.draft", **form) == 303
    for language, words in (("sq", "pret miratimin"), ("sr-Latn", "čeka odobrenje"), ("tr", "onay bekliyor")):
        page = writer.get("/documents/wi-1/1", headers={"Accept-Language": language}).content.decode()
        assert words in page, language


def test_a_text_is_shown_in_the_readers_language_where_there_is_one(site):
    writer = site.browser(site.person("writer", "quality-manager"))
    form = {"document": "wi-1", "kind": "form", "title": "Press", "language": "en", "text": "Press it."}
    assert sent(writer, "documents.draft", **form) == 303
    more = {"document": "wi-1", "revision": "1", "language": "sr-Latn", "title": "Presa", "text": "Pritisni."}
    assert sent(writer, "documents.translate", **more) == 303
    for language, title, first in (("sr-Latn", "Presa", "Pritisni."), ("tr", "Press", "Press it.")):
        page = writer.get("/documents/wi-1/1", headers={"Accept-Language": language}).content.decode()
        assert f"<h1>{title}</h1>" in page.replace("<bdi>", "").replace("</bdi>", "")
        assert min(page.index("Pritisni."), page.index("Press it.")) == page.index(first), language
        listed = writer.get("/documents", headers={"Accept-Language": language}).content.decode()
        assert f">{title}<" in listed.replace("<bdi>", "").replace("</bdi>", "")
    seen = writer.get("/documents/wi-1/1.json").json()["data"]
    assert [(row["language"], row["text"]) for row in seen["texts"]] == [("en", "Press it."), ("sr-Latn", "Pritisni.")]
