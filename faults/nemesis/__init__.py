"""The nemesis: what breaks the stack while others use it, and lets it be whole again."""
