"""The imperative shell: files, processes, clocks and caches."""
