"""The station's own page: what holds it, what to do about it, and what people tell it. Served by the agent itself."""
