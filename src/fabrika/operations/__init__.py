"""The rooms of the plant, named as ISA-95 names them; no room imports another."""
