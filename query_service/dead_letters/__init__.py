"""The dead letters as a tool: look at them, retry them, edit them, discard and restore them."""
