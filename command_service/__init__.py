"""The write side: commands into PostgreSQL, events through the outbox to RabbitMQ.

A command goes through app, requests, commands, todo, store and answers; its events go through
outbox and relay. `hops` records both ways, `feed` reads the log, and `lab` shows the rows.
"""
