"""What the gateway decides, pure: verdicts on people's records, an account's state, a day's report."""
