"""The families of findings, a file each: its ``KINDS``, and what finds them in a site."""
