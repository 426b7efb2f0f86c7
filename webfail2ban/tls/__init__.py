"""SPOP over TLS: the layer without I/O, the client and the server that use it, the certificates."""
