"""What `web` does by itself, beside answering requests: it reads, watches and sends load."""
