"""The read side: events from RabbitMQ into MongoDB, and the queries."""
