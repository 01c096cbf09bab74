"""The book: append-only, one Merkle tree over canonical bytes, signed checkpoints. Pure; storage lies elsewhere."""
