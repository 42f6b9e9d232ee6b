"""Says in plain words what is wrong with an installation, and what to do about it.

A check is a function without arguments that yields findings; those of a module are listed in its
CHECKS. None of them changes anything, sends anything, or needs another one to have passed.
"""

from dataclasses import replace

from django.utils.translation import gettext as _

from config.doctor.finding import Finding, Level, warning

__all__ = ["Finding", "Level", "findings"]


def findings() -> list[Finding]:
    """Return all that is wrong with this installation, the worst first; nobody else is told.

    It takes as long as the slowest server needs to answer, at most some 20 seconds in all.
    """
    # Here, as the checks read models, and the package is imported before these are ready.
    from config.doctor import configuration, database, folders, people, servers  # noqa: PLC0415

    checks = [*configuration.CHECKS, *folders.CHECKS, *servers.CHECKS, database.reachable]
    if database.answers():
        checks += [*database.CHECKS, *people.CHECKS]
    found: list[Finding] = []
    for check in checks:
        name = check.__name__
        try:
            found += [replace(finding, check=name) for finding in check()]
        except Exception as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            text = _("“%(check)s” could not look: %(reason)s") % {"check": name, "reason": reason}
            to_do = _("Mend what else is named here first, then look again.")
            found.append(replace(warning(text, to_do), check=name))
    return sorted(found, key=lambda finding: -finding.level)
