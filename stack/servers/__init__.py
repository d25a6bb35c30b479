"""The three servers: where their programs are found, how they are told to run, when they accept."""
