"""The checker: what became of what was acknowledged, judged from the history alone."""
