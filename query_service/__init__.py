"""The read side: events from RabbitMQ into MongoDB, and the queries.

In the order of the flow: topology, deliveries, events, projections, idempotence, read_model,
projector, with poison and hops beside it; then http, which answers queries, and rebuild.
"""
