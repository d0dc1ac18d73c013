"""What the scheduler decides: pure functions over small values; time, ids and rows come in as arguments."""
