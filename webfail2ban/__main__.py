"""``python -m webfail2ban``."""

from webfail2ban.cli import main

if __name__ == "__main__":
    main()
