"""Writes the reference of all hooks into docs/plugins.md, from `webfail2ban.hooks.hookspecs`.

python docs/hook_reference.py
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from webfail2ban.hooks import hookspecs

GUIDE = Path(__file__).with_name("plugins.md")

#: The lines of the guide that the reference stands between.
BEGIN = "<!-- The reference: written by docs/hook_reference.py. -->\n"
END = "<!-- The end of the reference. -->\n"

#: A title of a part of a docstring, on a line of its own.
TITLES = {"Args:": "**Arguments**", "Returns:": "**Returns**"}


def hooks() -> list[Callable[..., object]]:
    """Return the hooks in a plugin's order of life: what the engine calls, then the sensor."""
    found = [
        function
        for function in vars(hookspecs).values()
        if hasattr(function, f"{hookspecs.PROJECT}_spec")
    ]
    return sorted(found, key=lambda hook: (hook.__module__, hook.__code__.co_firstlineno))


def render() -> str:
    """Return the reference."""
    return "\n".join(map(_render_hook, hooks()))


def _sign(hook: Callable[..., object]) -> str:
    """Return a hook's signature as it is written."""
    written = next(
        node
        for node in ast.walk(ast.parse(inspect.getsource(hook)))
        if isinstance(node, ast.FunctionDef)
    )
    returns = ast.unparse(written.returns) if written.returns else "None"
    return f"{written.name}({ast.unparse(written.args)}) -> {returns}"


def _render_hook(hook: Callable[..., object]) -> str:
    body, _, example = (inspect.getdoc(hook) or "").partition("Example::\n\n")
    code = inspect.cleandoc("\n" + example)
    paragraphs = "\n".join(_render_lines(body.rstrip().splitlines()))
    head = f"### `{hook.__name__}`\n\n`{_sign(hook)}`"
    return f"{head}\n\n{paragraphs}\n\n```python hook\n{code}\n```\n"


def _render_lines(lines: list[str]) -> Iterator[str]:
    """Yield a docstring's lines as Markdown: titles bold, arguments as a list."""
    for line in lines:
        text = line.strip().replace("``", "`")
        argument = re.match(r"    (\w+): (.*)", line.replace("``", "`"))
        if text in TITLES:
            yield f"{TITLES[text]}\n"
        elif argument:
            yield f"- `{argument[1]}`: {argument[2]}"
        else:
            yield f"  {text}" if line.startswith("        ") else text


def insert(guide: str, reference: str) -> str:
    """Return the guide with the reference in its place."""
    before, _, rest = guide.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{reference}\n{END}{after}"


if __name__ == "__main__":
    GUIDE.write_text(insert(GUIDE.read_text("utf-8"), render()), "utf-8")
