"""The twin: a plant run unit by unit, and what follows from it."""
