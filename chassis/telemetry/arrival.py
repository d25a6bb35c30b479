"""Where a server notes when a request came in, for those who measure it."""

# In the environ, by `time.monotonic_ns`.
ARRIVED_NS = "chassis.arrived_ns"
