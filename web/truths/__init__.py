"""Both truths: the todos in PostgreSQL and those in MongoDB, and what follows if they differ."""
