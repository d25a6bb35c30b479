"""Putting right what the lab has broken: All clear, the known start, Reset."""
