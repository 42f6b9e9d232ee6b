"""Settings of everybody but Annals: what `startproject` makes, and what one library needs.

BENCH_CONTENDER names the library, BENCH_DATABASE its database (Django's settings, as JSON).
"""

import json
import os

from bench.contenders import ENTRIES

ENTRY = ENTRIES[os.environ["BENCH_CONTENDER"]]

SECRET_KEY = "measured, and nothing else"  # noqa: S105
ALLOWED_HOSTS = ["localhost"]
INSTALLED_APPS = [
    *ENTRY.apps,
    "bench.peers",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *ENTRY.middleware,
]
ROOT_URLCONF = "bench.peers.urls"
WSGI_APPLICATION = None
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": json.loads(os.environ["BENCH_DATABASE"])}
# As Annals keeps its connections, so that nobody pays for a new one with each request.
DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 2}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["fields.W342"]
USE_TZ = True
STATIC_URL = "/static/"
vars().update(ENTRY.settings)
