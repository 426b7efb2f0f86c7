"""Every error that webfail2ban raises on purpose.

    WebFail2BanError
    ├── ConfigurationError       what the operator wrote: all problems at once, exit 2
    ├── PluginError              a plugin that cannot be loaded or started, exit 2
    ├── FilterError              a filter file that cannot be read: file, option, reason
    └── ProtocolError            a SPOP peer's mistake: carries the status code to answer with

An error of this tree is already explained: the command line prints its sentence and no
traceback. Anything else that escapes is a bug of ours and is shown as one.
"""

from os import PathLike, fspath


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


class FilterError(WebFail2BanError):
    """A filter that can't be used: its author's or the operator's mistake.

    Attributes:
        file: The file, or the filter's name where there is no file; None if neither is known.
        option: The option that is wrong; None if it is the whole file.
        reason: What is wrong with it.
    """

    def __init__(self, file: PathLike[str] | str | None, option: str | None, reason: str) -> None:
        super().__init__(file, option, reason)
        self.file = None if file is None else fspath(file)
        self.option = option
        self.reason = reason

    def __str__(self) -> str:
        """Say where and why in one line."""
        return ": ".join(part for part in (self.file, self.option, self.reason) if part)
