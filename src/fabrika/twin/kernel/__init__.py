"""The compiled engine: data-flow tiles over flat arrays, without any type but what numba finds."""
