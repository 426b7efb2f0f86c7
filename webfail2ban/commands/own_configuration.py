"""Our own configuration as ``doctor`` looks at it: what matters to HAProxy, and what is wrong."""

from pathlib import Path

from webfail2ban.commands.loading import examine_configuration
from webfail2ban.config import Configuration
from webfail2ban.doctor.finding import Finding, Kind
from webfail2ban.doctor.findings.own import DOUBTFUL, WRONG
from webfail2ban.doctor.site import Own
from webfail2ban.engine_settings import find_engine_problems
from webfail2ban.errors import ConfigurationError, PluginError, Problem
from webfail2ban.hosting.settings import judge


def examine_own(config_path: Path) -> tuple[Own, list[Finding]]:
    """Read our configuration; return what it says of SPOP, and what is wrong with it."""
    try:
        examined, plugins = examine_configuration(config_path)
        sound = examined.sound
        found = judge(plugins, examined, find_engine_problems(sound.engine) if sound else ())
    except ConfigurationError as error:
        return Own(), [_make(WRONG, problem) for problem in error.problems]
    except PluginError as error:
        file = str(config_path)
        return Own(), [WRONG.about_file(file, problem) for problem in error.problems]
    findings = [_make(WRONG, problem) for problem in found.problems]
    findings += [_make(DOUBTFUL, problem) for problem in (*examined.warnings, *found.warnings)]
    return describe(sound) if sound else Own(), findings


def describe(configuration: Configuration) -> Own:
    """Return what a configuration says of SPOP and of syslog."""
    spoa = configuration.engine.spoa
    syslog = configuration.plugins.get("syslog")  # the plugin's own model, which isn't known here
    senders = getattr(syslog, "allow", None) or ()
    return Own(
        file=str(configuration.path or ""),
        scope=configuration.engine.verdict.scope,
        address=spoa.address,
        port=spoa.port,
        read_timeout=spoa.read_timeout,
        tls=spoa.tls is not None,
        syslog=str(getattr(syslog, "address", "")),
        senders=tuple(map(str, senders)),
    )


def _make(kind: Kind, problem: Problem) -> Finding:
    sentence = f"{problem.key}: {problem.message}" if problem.key else problem.message
    return kind.about_file(problem.source, sentence, problem.hint, problem.line)
