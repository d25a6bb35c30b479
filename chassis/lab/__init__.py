"""The lab: what can be broken in a process on purpose, and how it is set, shown and recorded."""
