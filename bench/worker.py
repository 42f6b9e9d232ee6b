"""A contender's process: does what the conductor asks for, one piece of work after another.

`python -m bench.worker <name>`. Each line of its input is one request as JSON, each line of its
output the answer: {"answer": ...}, or {"problem": "..."} where the work failed.
"""

import importlib
import json
import os
import sys
from typing import Any

import django
from django.db import connection


def main(name: str) -> None:
    """Answer until the conductor closes the pipe."""
    # What libraries print must not reach the conductor.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    django.setup()
    contender = importlib.import_module(f"bench.contenders.{name}").Contender()
    for line in sys.stdin:
        answers.write(json.dumps(_work(contender, json.loads(line)), default=str) + "\n")
        answers.flush()


def _work(contender: Any, request: dict[str, Any]) -> dict[str, Any]:
    subject = importlib.import_module(f"bench.subjects.{request['subject']}")
    try:
        return {"answer": getattr(subject, request["work"])(contender, **request["arguments"])}
    except Exception as problem:  # whatever a library raises is its result
        if not connection.in_atomic_block:
            connection.close()
        text = " ".join(str(problem).split())
        return {"problem": f"{type(problem).__name__}: {text}"[:300]}


if __name__ == "__main__":
    main(sys.argv[1])
