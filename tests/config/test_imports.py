import subprocess
import sys


def test_the_configuration_imports_no_io() -> None:
    """Neither gevent nor a plugin: a child process and an editor's schema need it alone."""
    script = (
        "import sys, webfail2ban.config; "
        "print([name for name in sys.modules if name.startswith(('gevent', 'webfail2ban_'))])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
