"""Loading the configuration anew while everything runs.

A bad configuration changes nothing. A good one goes through these files:

    rehearsal     reads and checks it, in a process of its own: no verdict waits for YAML
    differences   what changes, and what only a restart can change
    result        what came of it, for people and the API
    reloader      one reload: rehearse, load, have it installed
    reloads       one after the other, also when many are wanted at once
"""
