"""Personnel: persons, their roles, and acts that need two people. Nouns: person, role, proposal."""
