"""Commands that ask a running engine, over its API."""
