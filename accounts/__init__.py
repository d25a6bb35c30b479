"""The keys and passwords of a stack: made once, and handed to whoever needs them."""
