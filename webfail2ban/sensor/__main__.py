"""Start the sensor; the engine does this, nobody else: ``python -m webfail2ban.sensor FD``."""

import sys

from webfail2ban.sensor.process import main

if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
