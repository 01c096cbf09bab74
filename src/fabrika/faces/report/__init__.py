"""The proof as documents: one HTML file for a commission and one page for the terminal."""
