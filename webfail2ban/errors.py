"""Every error that webfail2ban raises on purpose.

    WebFail2BanError
    ├── ConfigurationError       what the operator wrote: all problems at once, exit 2
    ├── PluginError              a plugin that cannot be loaded or started, exit 2
    ├── FilterError              a filter file that cannot be read: file, option, reason
    └── ProtocolError            a SPOP peer's mistake: carries the status code to answer with

An error of this tree is already explained: the command line prints its sentence and no
traceback. Anything else that escapes is a bug of ours and is shown as one.
"""


class WebFail2BanError(Exception):
    """Base of all errors that explain themselves."""


class PluginError(WebFail2BanError):
    """Plugins that can't be loaded or started.

    Args:
        *problems: One sentence each, with the plugin's name and where it came from.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        """All problems, one a line."""
        return "\n".join(self.problems)
