"""Editions: which plant file counts, and since when. Nouns: edition."""
