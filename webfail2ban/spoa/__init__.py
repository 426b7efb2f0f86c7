"""The agent that HAProxy asks: a query out of each message, variables out of each verdict."""
