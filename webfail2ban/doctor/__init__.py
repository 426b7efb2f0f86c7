"""Finds what won't work between HAProxy, its SPOE files and webfail2ban, and says what to write.

Four steps, each in files of its own:

* reading: ``words``, ``conditions``, ``reading`` and ``spoe`` turn what the operator wrote into
  sections of lines that know where they stand;
* ``site`` puts together what belongs together: proxies, their filters, the agents' backends, our
  own configuration, HAProxy's version;
* ``findings``, one file for each family: pure functions from a site to findings;
* ``asking`` and ``engine`` look at what is running: the agent over SPOP, the engine over its API.
"""
