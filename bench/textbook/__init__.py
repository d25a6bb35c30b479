"""The textbook version: what tutorials show and most people would write, fairly, in few lines."""
