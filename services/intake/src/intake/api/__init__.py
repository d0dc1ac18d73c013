"""HTTP in: each route checks rights, calls one use case, shapes the answer."""
