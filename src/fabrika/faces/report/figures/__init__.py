"""The figures of the report, one module each; every one is a static SVG element as text."""
