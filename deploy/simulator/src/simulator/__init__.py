"""The national data centre, played over HTTP: for tests, demos and benches, never for real cards."""
