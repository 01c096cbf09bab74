"""Production: what was counted, in which state the stations are, which lot is made. Nouns: count, state, stop, lot."""
