"""Each lesson, played on the page by somebody with a mouse or with the keys alone."""
