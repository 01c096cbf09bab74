"""Stock: material, containers, what leaves the straight way, stocktaking. Nouns: material lot, container, location, stocktaking."""
