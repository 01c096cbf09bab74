"""The plant as data: what a plant file says, checked and in SI units."""
