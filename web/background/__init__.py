"""What `web` does besides answering requests: it reads, watches and sends load."""
