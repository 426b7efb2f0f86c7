"""Plugins hosted: found, loaded, configured, started, measured, isolated, stopped."""
