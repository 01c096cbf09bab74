"""How the tables of the accounts came about, step by step; a step that was released never changes."""
