"""The sensor: a child process that reads logs and searches them for failures.

A regular expression can run for seconds on a hostile line and holds the interpreter all that
time; a burst of lines can take a whole core. HAProxy waits a few milliseconds for a verdict. So
log sources and filters live in a process of their own, and only failures cross to the engine.

    channel      messages between the two, over a socket pair
    process      the child: loads the plugins, reads, searches, sends
    outbox       what waits to be sent, bounded
    strictness   how a new child looks at its settings
    supervisor   the engine's side: starts the child, watches it, starts it again, replaces it
    child        one child, as the engine sees it
    sockets      what the engine keeps open from one child to the next
"""
