"""The proof as one page of the terminal."""

from __future__ import annotations

from rich.console import Console

from fabrika.faces.report import sentences
from fabrika.twin.proof_result import ProofResult


def print_proof(console: Console, proof: ProofResult) -> None:
    """Print the proof; nothing on the page depends on colour."""
    console.print(sentences.headline(proof), markup=False)
