"""The three servers: where to find them, how to run them, and when they accept clients."""
