"""Where the book lies: SQLite, memory, and the folder of large files. The floor that writes to disk."""
