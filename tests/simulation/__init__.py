"""Weeks of an office as tests: the real services on virtual time, and what must hold whatever the week brings."""
