"""Who may sign in, how, and from which device; kept apart from the book, in a database of its own."""
