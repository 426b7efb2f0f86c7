"""What a single YAML value means.

YAML 1.1 reads ``no`` as false, ``12:30`` as 750, ``010`` as 8 and ``2024-01-01`` as a date, and a
configuration has jails called ``no`` and times such as ``12:30``. So only what can mean nothing
else is read as more than text, as YAML 1.2.2 (10.2.1, the JSON schema) does it: ``null``, ``~``,
``true``, ``false`` and decimal numbers. A setting that is a switch still takes ``yes`` and
``off``, and one that is a number still takes ``010``: its type says so, not its looks.

Numbers that JSON can't write (infinity, or more digits than a machine word has) stay text too.
"""

import re
from math import isinf

from webfail2ban.config.tree import Plain

INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})")
FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})(?:\.[0-9]{1,20})?(?:[eE][-+]?[0-9]{1,3})?")

WORDS: dict[str, Plain] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

#: YAML's own tags, which say outright what a value is.
TEXT_TAG = "tag:yaml.org,2002:str"
TAGS: dict[str, tuple[type, ...]] = {
    "tag:yaml.org,2002:null": (type(None),),
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:int": (int,),
    "tag:yaml.org,2002:float": (int, float),
}


def read_plain(text: str) -> Plain:
    """Return what unquoted text means."""
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text):
        number = float(text)
        return text if isinf(number) else number
    return text


def read_tagged(text: str, tag: str) -> Plain:
    """Return what text with a tag such as ``!!int`` means.

    Raises:
        ValueError: the tag is none of YAML's own for single values, or doesn't fit the text.
    """
    if tag in ("!", TEXT_TAG):
        return text
    if tag not in TAGS:
        raise ValueError(f"the tag {short_tag(tag)} means nothing here")
    value = read_plain(text)
    if type(value) not in TAGS[tag]:
        raise ValueError(f"must be what its tag {short_tag(tag)} says")
    return value


def short_tag(tag: str) -> str:
    """Write a tag as it is written in files: ``!!int``."""
    return tag.replace("tag:yaml.org,2002:", "!!", 1)
