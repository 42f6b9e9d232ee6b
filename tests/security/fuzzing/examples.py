"""What a program makes up: the suite tries a few examples of each. More of them by

FUZZ_EXAMPLES=10000 .venv/bin/python -m pytest tests/security/fuzzing
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.security.corpus import CORPUS
from tests.security.garbage import GARBAGE

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
fuzzed = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Without halves of surrogate pairs: neither Django nor PostgreSQL hands any on.
letters = st.characters(exclude_categories=["Cs"])
texts = st.text(letters, max_size=200) | st.sampled_from(
    [text[:300] for text in (*CORPUS, *GARBAGE) if "\ud800" not in text]
)
