"""The settings of Annals, from the environment (README.md lists them); Celery's: celery.py."""

from pathlib import Path
from typing import Any

import environ
from django.utils.translation import gettext_lazy as _

from config import celery as _celery  # noqa: F401  tasks belong to it wherever Django runs
from config import embedded
from config.databases import database_settings
from config.hosts import host_settings
from config.ledger import ledger_settings
from config.limits import limits_settings
from config.logs import log_settings
from config.outreach import outreach_settings
from config.provider import provider_settings, refuse_inbound
from config.receiving import receiving_settings
from config.secrets import read_files, secret_settings
from config.security import security_settings
from config.sessions import session_settings
from config.sign_in import sign_in_settings
from config.watching import watching_settings

BASE_DIR = Path(__file__).resolve().parent.parent
read_files()
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
# Where embedded PostgreSQL, Redis, mail and uploads live when nothing external is configured.
ANNALS_VAR = embedded.VAR
# Demo and development run without configuration; a deployment names its own.
vars().update(secret_settings(env))
PORT = env.int("PORT", default=8000)
vars().update(host_settings(env, PORT))
SITE_NAME = env("SITE_NAME", default="Annals")
SUPPORT_EMAIL = env("SUPPORT_EMAIL", default="")

INSTALLED_APPS = [
    "activity",
    "contacts",
    "accounts",
    "config.backup",
    "config.doctor",
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
REDIS_URL = env("REDIS_URL", default="") or embedded.redis_url()
CACHES = {
    "default": {
        "BACKEND": "config.cache.RedisOrMemoryCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},  # seconds
    },
    # Rows of timelines, about 1 kB each, in each web process (activity/rows.py).
    "rows": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "rows",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        *("UserAttributeSimilarityValidator", "MinimumLengthValidator"),
        *("CommonPasswordValidator", "NumericPasswordValidator"),
    )
]
vars().update(sign_in_settings(env))
vars().update(session_settings(env))
vars().update(limits_settings(env))

# Versions are looked up by row, never by date alone.
SIMPLE_HISTORY_DATE_INDEX = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(ANNALS_VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
_FOLDER = "django.core.files.storage.FileSystemStorage"
_ANCHORS = env("LEDGER_ANCHOR_FOLDER", default="") or ANNALS_VAR / "anchors"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": _FOLDER, "OPTIONS": {"location": ANNALS_VAR / "files"}},
    "exports": {"BACKEND": _FOLDER, "OPTIONS": {"location": ANNALS_VAR / "exports"}},
    # What must not be lost together with the database.
    "anchors": {"BACKEND": "config.anchors.AnchorFolder", "OPTIONS": {"location": _ANCHORS}},
    "staticfiles": {"BACKEND": "config.storage.StaticFilesStorage"},
}
vars().update(receiving_settings(env))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of one form, files apart
FILE_UPLOAD_HANDLERS = [
    "contacts.importing.upload.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=f"{SITE_NAME} <annals@localhost>")
# Seconds to wait for each answer of the mail server.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=60)
# Instead of EMAIL_URL: one of django-anymail's providers, with its ANYMAIL_* variables.
EMAIL_PROVIDER = env("EMAIL_PROVIDER", default="")
if EMAIL_PROVIDER:
    ANYMAIL_REQUESTS_TIMEOUT = EMAIL_TIMEOUT
    vars().update(provider_settings(EMAIL_PROVIDER, env.ENVIRON))
    INSTALLED_APPS.append("anymail")
elif env("EMAIL_URL", default=""):
    vars().update(env.email("EMAIL_URL"))
    if vars()["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        EMAIL_BACKEND = "contacts.smtp.EmailBackend"
else:
    # Administrators read it at /mail/.
    EMAIL_BACKEND = "config.mail.folder.EmailBackend"
    EMAIL_FILE_PATH = ANNALS_VAR / "mail"

vars().update(outreach_settings(env))
# Domain whose mail reaches the inbound webhook; replies to messages are addressed to it.
INBOUND_DOMAIN = env("INBOUND_DOMAIN", default="")
if not EMAIL_PROVIDER:
    refuse_inbound(INBOUND_DOMAIN)
vars().update(ledger_settings(env, ANNALS_VAR))
# Region in which phone numbers written without a country code are read (ISO 3166-1 alpha-2).
PHONE_REGION = env("PHONE_REGION", default="US")
# Largest file accepted by an import, in bytes.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=256 * 1024 * 1024)

vars().update(security_settings(env, vars()["SITE_URL"]))

vars().update(log_settings(env))
vars().update(watching_settings(env))
