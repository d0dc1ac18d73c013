"""What the simulated centre knows and decides, pure: people, matches, replies, its account, its faults."""
