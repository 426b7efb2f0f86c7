"""What marks a hook: its specification here, its implementation in a plugin."""

import pluggy

PROJECT = "webfail2ban"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
