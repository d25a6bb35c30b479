"""What tutorials show, written fairly in its fewest lines: what most people would write."""
