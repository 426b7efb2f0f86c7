"""Start the sensor; the engine does this, nobody else: ``python -m webfail2ban.sensor FD``."""

import sys

from gevent import monkey

if __name__ == "__main__":
    # As in the engine: plugins of other people use libraries that know nothing of gevent.
    monkey.patch_all()

    from webfail2ban.sensor.process import main

    sys.exit(main(int(sys.argv[1])))
