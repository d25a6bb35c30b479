"""What the first release (commit 65c5b63) left behind, and what it does meanwhile."""
