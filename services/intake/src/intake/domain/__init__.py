"""What intake decides about what it is sent: pure functions; time, ids and random bytes come in as arguments."""
