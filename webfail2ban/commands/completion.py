"""``webfail2ban completion``: what a shell needs to complete commands, options and names."""

import click
from click.shell_completion import get_completion_class

#: The program's name, and the variable in which click finds what a shell asks.
PROGRAM = "webfail2ban"
VARIABLE = "_WEBFAIL2BAN_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what a shell needs to complete names.

    Commands, options, jails and banned addresses are completed. Jails and addresses come from
    the running engine, where there is one.

    \b
      bash:  webfail2ban completion bash > /etc/bash_completion.d/webfail2ban
             or in ~/.bashrc: eval "$(webfail2ban completion bash)"
      zsh:   webfail2ban completion zsh > "${fpath[1]}/_webfail2ban"
      fish:  webfail2ban completion fish > ~/.config/fish/completions/webfail2ban.fish
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click knows all three
    template = found(ctx.find_root().command, {}, PROGRAM, VARIABLE)
    click.echo(template.source_template % template.source_vars())
