"""Spans and reads become journeys: what happened to each event. Pure.

`spans` decodes what the processes send, `contract` says which hops a span records,
`hops_in_spans` finds them, and `journeys` keeps what is known of each event. `reads` remembers
what was read, and `seen` infers which read was the first to show an event's state. `faults` keeps
what the lab's switches did.
"""
