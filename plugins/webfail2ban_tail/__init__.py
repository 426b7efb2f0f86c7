"""The log source ``tail``: follows files and globs through every rotation.

lines        bytes into lines
position     where a file stands, as a value to keep
logfile      one open file and the place in it
generations  the order in which rotation names files
search       finding a file again after rotation
bisection    finding a time in a file of any size
beginning    where to begin in a file that was there before
linger       when a rotated file may be left
follower     one path, through all the files that it leads to
patterns     globs
roster       which paths are followed
watch        knowing that something happened: by looking
inotify      ... or because the kernel tells
loop         reading what has changed
settings     the section of the configuration
source       the plugin
"""

from webfail2ban_tail.settings import TailSettings
from webfail2ban_tail.source import Tail

__all__ = ["Tail", "TailSettings"]
