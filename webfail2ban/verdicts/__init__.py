"""From opinions to a verdict that can be remembered."""
