"""``webfail2ban run``: the program itself."""

import signal
from pathlib import Path

import click

from webfail2ban.commands.options import config_option


@click.command("run")
@config_option
def run(config_path: Path | None) -> None:
    """Serve HAProxy until SIGTERM or Ctrl-C.

    SIGHUP loads the configuration anew. A second signal to stop ends the program at once.

    \b
      webfail2ban run --config /etc/webfail2ban/config.yaml
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    # Whoever wants a reload while we start must not end us: the configuration is read just now.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from gevent import monkey  # noqa: PLC0415 - only this command may change how Python waits

    # Plugins of other people use libraries that know nothing of gevent, and keep what they import.
    monkey.patch_all()
    from webfail2ban import logs  # noqa: PLC0415 - after the patch
    from webfail2ban.commands.loading import load_with_warnings  # noqa: PLC0415 - after the patch

    configuration, plugins = load_with_warnings(config_path)
    from webfail2ban.daemon import Daemon  # noqa: PLC0415 - after the patch

    logs.configure(configuration.engine.log, process="engine")
    Daemon(configuration, plugins).run()
