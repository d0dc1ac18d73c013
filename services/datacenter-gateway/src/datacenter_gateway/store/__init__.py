"""The gateway's SQL. Locks are taken in one order: request, account, window_day."""
