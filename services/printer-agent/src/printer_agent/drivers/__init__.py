"""Card sessions: what stands behind the interface in `session`."""
