"""The rebuild: the read model made again from the log of all events, while reads go on."""
