"""Starts the whole stack as local processes, for `make up` without Docker and for the tests."""
