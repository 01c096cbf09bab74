"""The vocabulary: what can have happened, and its canonical bytes. Plant and twin speak the same words."""
