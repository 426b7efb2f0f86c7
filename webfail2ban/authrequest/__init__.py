"""HTTP subrequests: what nginx, Envoy, Traefik and Caddy ask before they let a request in.

nginx calls it ``auth_request``, Envoy ``ext_authz``, Traefik ForwardAuth, Caddy ``forward_auth``.
All four send a request without a body, look at the status of the answer, and may take headers of
it along. 200 and 403 are verdicts; whatever else is answered says nothing of the client.

`connection` is the protocol without I/O, `questions` and `answers` are what requests and responses
mean, `agent` puts them together; `client` and `server` move the bytes.
"""
