"""Watch: what the server of the book met and a person has to look after. Nouns: alarm, report."""
