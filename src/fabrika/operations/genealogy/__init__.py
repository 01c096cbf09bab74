"""Genealogy: what it takes to say where a unit was and what went into it. Nouns: series, run, mark, container, balance."""
