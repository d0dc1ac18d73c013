"""All of intake's SQL, by what it is about. Nothing here decides; nothing here commits."""
