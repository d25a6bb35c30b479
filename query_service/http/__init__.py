"""The query service's API: reads from MongoDB, stale or as fresh as the client asks."""
