"""What `web` serves over HTTP: the page, the services behind it, traces, and what it has kept."""
