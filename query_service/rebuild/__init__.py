"""The rebuild: the read model made anew from the log of all events, while reads go on."""
