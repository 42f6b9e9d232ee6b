"""Annals' own settings, with the database that it is measured in."""

import json
import os

from config import settings as _annals

vars().update({name: value for name, value in vars(_annals).items() if name.isupper()})
DATABASES = {"default": vars(_annals)["DATABASES"]["default"]}
DATABASES["default"] |= json.loads(os.environ["BENCH_DATABASE"])
