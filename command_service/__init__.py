"""The write side: commands into PostgreSQL, events through the outbox to RabbitMQ."""
