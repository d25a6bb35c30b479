"""The same run again: what was recorded is played as commands, and both runs are compared."""
