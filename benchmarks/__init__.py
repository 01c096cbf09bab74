"""Fabrika beside its peers: the same plants, the same machine, the same run (see README.md)."""
