"""Listening for whoever asks: sockets, and what each connection costs."""
