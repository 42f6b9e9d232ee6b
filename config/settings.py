"""The settings of Annals, from the environment (docs/configuration.md); Celery's: celery.py."""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from config import celery as _celery  # noqa: F401  tasks belong to it wherever Django runs
from config import embedded
from config.caches import cache_settings
from config.databases import database_settings
from config.hosts import host_settings
from config.ledger import ledger_settings
from config.limits import limits_settings
from config.logs import log_settings
from config.outreach import outreach_settings
from config.places import place_settings
from config.receiving import receiving_settings
from config.secrets import read_files, secret_settings
from config.security import security_settings
from config.sending import sending_settings
from config.sessions import session_settings
from config.sign_in import sign_in_settings
from config.single_sign_on import single_sign_on_settings
from config.site import site_settings
from config.watching import watching_settings

BASE_DIR = Path(__file__).resolve().parent.parent
read_files()
env = environ.Env()

# Where embedded PostgreSQL, Redis, mail and uploads live when nothing external is configured.
ANNALS_VAR = embedded.VAR
# Demo and development run without configuration; a deployment names its own.
vars().update(secret_settings(env))
vars().update(site_settings(env))
vars().update(host_settings(env, vars()["PORT"]))

INSTALLED_APPS = [
    "activity",
    "contacts",
    "accounts",
    "config.backup",
    "config.doctor",
    "config.telemetry",
    "simple_history",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "accounts.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "config.observing.RequestMiddleware",
    "config.counting.CountingMiddleware",
    "config.headers.HeadersMiddleware",
    "config.proxies.ProxiesMiddleware",
    "config.cookies.CookieNamesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.compression.PageCompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.failures.RefusedBodyMiddleware",
    "accounts.second_step.SecondFactorMiddleware",
    "contacts.gate.PortalGateMiddleware",
    "contacts.middleware.ContactGoneMiddleware",
    "activity.middleware.ActivityContextMiddleware",
    "config.reading.ReadingMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["config.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context_processors.site",
            ],
        },
    }
]

vars().update(database_settings(env))
vars().update(cache_settings(env))

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
vars().update(sign_in_settings(env))
vars().update(single_sign_on_settings(env))
vars().update(session_settings(env))
vars().update(limits_settings(env))

# Versions are looked up by row, never by date alone.
SIMPLE_HISTORY_DATE_INDEX = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
vars().update(place_settings(env, ANNALS_VAR))
vars().update(receiving_settings(env))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of one form, files apart
FILE_UPLOAD_HANDLERS = [
    "contacts.importing.upload.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

vars().update(sending_settings(env, ANNALS_VAR, vars()["SITE_NAME"]))
if vars()["EMAIL_PROVIDER"]:
    INSTALLED_APPS.append("anymail")
vars().update(outreach_settings(env))
vars().update(ledger_settings(env, ANNALS_VAR))
vars().update(security_settings(env, vars()["SITE_URL"]))

vars().update(log_settings(env))
vars().update(watching_settings(env))
