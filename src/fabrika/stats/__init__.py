"""Mathematics that knows no factory: quantiles and their tables, intervals, influence, beliefs."""
