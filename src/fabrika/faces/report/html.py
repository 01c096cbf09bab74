"""The proof as one HTML file: no script, nothing loaded from anywhere."""

from __future__ import annotations

from fabrika.faces.report import sentences
from fabrika.twin.proof_result import ProofResult


def render_report(proof: ProofResult) -> str:
    """The report as the text of one self-contained HTML file; the same proof gives the same text."""
    from markupsafe import escape

    return f"<!doctype html><html lang=en><title>Proof</title><p>{escape(sentences.headline(proof))}</p></html>"
