"""Fault tests with real processes: schedules of faults from a printed seed, then the ten promises by outside witnesses."""
