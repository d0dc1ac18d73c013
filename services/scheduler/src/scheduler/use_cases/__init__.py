"""What the scheduler does: one function is one transaction's work, or one step of a loop."""
