"""The faces: the only floor that knows a terminal or a browser."""
