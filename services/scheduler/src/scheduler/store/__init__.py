"""All of the scheduler's SQL, by what it is about. Nothing here decides; nothing here commits."""
