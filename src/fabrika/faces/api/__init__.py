"""The interface for programs: the same addresses as the browser's pages, described by one document."""
