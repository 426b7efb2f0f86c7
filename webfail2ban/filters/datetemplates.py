"""The dates that are looked for when a filter doesn't say where its date stands.

Written as datepatterns. Their order matters: where two fit, the first wins.
"""

_CLOCK = "%H:%M:%S"
_SYSLOG = r"(?:%a )?%b %d %k:%M:%S(?:\.%f)?(?: %ExY)?"

#: What a pattern begins with that only matches at a line's start, after at most two characters
#: that are not part of a word.
LINE_BEGIN = "{^LN-BEG}"

EPOCH = "EPOCH"
LONG_EPOCH = "LEPOCH"
TAI64N = "TAI64N"

DEFAULT_PATTERNS = (
    rf"%ExY(?P<_sep>[-/.])%m(?P=_sep)%d(?:T|  ?){_CLOCK}(?:[.,]%f)?(?:\s*%z)?",
    _SYSLOG,
    r"(?:%a )?%b %d %ExY %k:%M:%S(?:\.%f)?",
    r"%d(?P<_sep>[-/])%m(?P=_sep)(?:%ExY|%Exy) %k:%M:%S",
    rf"%d(?P<_sep>[-/])%b(?P=_sep)%ExY[ :]?{_CLOCK}(?:\.%f)?(?: %z)?",
    f"%m/%d/%ExY:{_CLOCK}",
    r"%m-%d-%ExY %k:%M:%S(?:\.%f)?",
    EPOCH,
    LINE_BEGIN + _CLOCK,
    f"^<%m/%d/%Exy@{_CLOCK}>",
    f"%Exy%Exm%Exd  ?{_CLOCK}",
    "%b %d, %ExY %I:%M:%S %p",
    "^%b-%d-%Exy %k:%M:%S",
    r"%ExY%Exm%Exd(?:-|T|  ?)%ExH:?%ExM:?%ExS(?:[.,]%f)?(?:\s*%z)?",
    f"(?:%Z )?{_SYSLOG}",
    f"(?:%z )?{_SYSLOG}",
    TAI64N,
)
