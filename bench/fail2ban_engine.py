"""fail2ban's own engine on a log: run as a program of its own, with its package on the path.

    PYTHONPATH=TREE/usr/lib/python3/dist-packages python fail2ban_engine.py LOG CONFIG FILTER...

It does with each line what fail2ban does in each of its jails, from the line's date to the failure,
and leaves out what comes before (reading the file) and after (counting). It prints JSON: the CPU
seconds, and the failures as lists of jail, address and time.

fail2ban is GPL: this program only talks to it, and nothing of ours runs in the same process.
"""

import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

from fail2ban.client.filterreader import FilterReader
from fail2ban.server.filter import Filter


class Jail:
    """As much of a jail as a filter asks for."""

    database = None

    def __init__(self, name: str) -> None:
        self.name = name


def load(name: str, config: str) -> Any:
    """Return fail2ban's filter of that name, set up as its server does it."""
    reader = FilterReader(name, name, {}, basedir=config)
    reader.read()
    reader.getOptions({}, all=True)
    loaded = Filter(Jail(name), useDns="no")
    loaded.checkFindTime = False
    setters = {
        "prefregex": lambda value: setattr(loaded, "prefRegex", value),
        "addfailregex": loaded.addFailRegex,
        "addignoreregex": loaded.addIgnoreRegex,
        "maxlines": loaded.setMaxLines,
        "datepattern": loaded.setDatePattern,
    }
    for command, _, option, *values in reader.convert():
        many = command == "multi-set"
        for value in values[0] if many else values:
            if option in setters:
                setters[option](value)
    return loaded


def main(log: str, config: str, *names: str) -> None:
    """Measure and print."""
    logging.getLogger("fail2ban").setLevel(logging.CRITICAL)
    filters = [(name, load(name, config).processLine) for name in names]
    lines = Path(log).read_text("utf-8").splitlines()
    found = []
    begun = time.process_time()
    for line in lines:
        for name, process in filters:
            for _, address, moment, _ in process(line):
                found.append((name, address, moment))
    seconds = time.process_time() - begun
    failures = [(name, str(address), moment) for name, address, moment in found]
    json.dump({"seconds": seconds, "failures": failures}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
