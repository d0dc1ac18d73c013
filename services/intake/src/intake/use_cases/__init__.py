"""What intake does: one function, one transaction."""
