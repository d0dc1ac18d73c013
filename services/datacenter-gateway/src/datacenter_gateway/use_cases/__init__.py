"""What the gateway does; each act is one transaction."""
