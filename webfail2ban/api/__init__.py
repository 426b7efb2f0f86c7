"""The HTTP API: what an operator can do, over a unix socket or TCP."""
