"""Settings that do not fit each other, or the world."""

import ipaddress
import os
from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.utils.translation import gettext as _

from config.doctor.finding import Finding, error, warning

LOCAL = ("localhost", "127.0.0.1", "::1")
WIDEST = 8  # bits of the prefix: a wider network of proxies is half the world
# What these say is said here in our own words, or decided by us.
SAID = {"security.W004", "security.W008", "security.W012", "security.W016", "security.W018"}


def is_deployment() -> bool:
    """Tell whether other people reach it: not a trial on one's own machine."""
    return urlsplit(settings.SITE_URL).hostname not in LOCAL


def address() -> Iterator[Finding]:
    """Is Annals reached under its own address, and encrypted?"""
    site = urlsplit(settings.SITE_URL)
    hosts = settings.ALLOWED_HOSTS
    if "*" in hosts:
        yield error(
            _("ALLOWED_HOSTS answers for every name: mails could lead people somewhere else."),
            _("Leave ALLOWED_HOSTS away, or name the hosts that lead here."),
        )
    elif site.hostname not in hosts and f"[{site.hostname}]" not in hosts:
        yield error(
            _("Nobody is answered at %(address)s, as ALLOWED_HOSTS does not name its host.")
            % {"address": settings.SITE_URL},
            _("Add %(host)s to ALLOWED_HOSTS, or leave ALLOWED_HOSTS away.")
            % {"host": site.hostname},
        )
    if site.scheme != "https" and is_deployment():
        yield error(
            _("People reach Annals at %(address)s without encryption: passwords can be read.")
            % {"address": settings.SITE_URL},
            _("Put a proxy in front that speaks HTTPS, and write https:// in SITE_URL."),
        )


def debugging() -> Iterator[Finding]:
    """Are the inner workings shown to whoever meets an error?"""
    if settings.DEBUG:
        yield error(
            _("DEBUG is on: error pages show settings and data to anybody."),
            _("Leave DEBUG away."),
        )


def secret_key() -> Iterator[Finding]:
    """Does everything share one key, and is it kept?"""
    if os.environ.get("DATABASE_URL") and not os.environ.get("SECRET_KEY"):
        yield error(
            _("SECRET_KEY is not set: each machine makes its own, and refuses links of others."),
            _("Set SECRET_KEY to 50 or more random characters, the same for all processes."),
        )


def proxies() -> Iterator[Finding]:
    """Is it known who asks?"""
    for name in settings.TRUSTED_PROXIES:
        network = ipaddress.ip_network(name)
        if network.prefixlen < WIDEST:
            yield error(
                _("TRUSTED_PROXIES believes %(network)s: anybody can claim any address.")
                % {"network": network},
                _("Name only the network between the proxy and Annals."),
            )
    if settings.SITE_URL.startswith("https://") and not settings.TRUSTED_PROXIES:
        yield warning(
            _("No proxy is trusted: the log and the limits see its address instead of people's."),
            _("Name the proxy's network in TRUSTED_PROXIES, as 172.16.0.0/12."),
        )


def sender() -> Iterator[Finding]:
    """Do mails say where they are from?"""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    sends = settings.EMAIL_BACKEND != "config.mail.folder.EmailBackend"
    if sends and domain in ("", "localhost", "annals.example"):
        yield error(
            _("Mails say they are from %(sender)s: servers refuse them, and nobody can answer.")
            % {"sender": settings.DEFAULT_FROM_EMAIL},
            _("Set DEFAULT_FROM_EMAIL to an address of your own domain."),
        )
    if not sends and is_deployment():
        yield warning(
            _("Mail goes nowhere: it is kept in a folder."),
            _("Name a mail server in EMAIL_URL, or a provider in EMAIL_PROVIDER."),
        )


def django() -> Iterator[Finding]:
    """What do Django, allauth and our own checks of settings say?"""
    for message in checks.run_checks(include_deployment_checks=is_deployment()):
        if message.id in SAID or message.is_silenced():
            continue
        make = error if message.level >= checks.ERROR else warning
        yield make(str(message.msg), str(message.hint or _("It is %(id)s.") % {"id": message.id}))


def static_files() -> Iterator[Finding]:
    """Do pages find their style and scripts?"""
    if not Path(settings.STATIC_ROOT, "staticfiles.json").is_file():
        yield error(
            _("Static files are not collected into %(folder)s: no page can be drawn.")
            % {"folder": settings.STATIC_ROOT},
            _("Run: manage.py collectstatic --no-input"),
        )


CHECKS = (address, debugging, secret_key, proxies, sender, django, static_files)
