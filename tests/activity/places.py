"""Everything in which personal data could hide: searched for words, byte by byte."""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection


def run(statement: str) -> None:
    """Run a statement that takes no transaction."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def data_directory() -> Path:
    """Return where the database server keeps its files."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        return Path(cursor.fetchone()[0])


def write_over_wal() -> None:
    """Have the server fill each segment of its log anew, as days of work do.

    A checkpoint gives those that are done new names, and leaves in them what they held.
    """
    for _round in range(2):  # a checkpoint of the server's own may rename some on the way
        for _segment in (data_directory() / "pg_wal").iterdir():
            run("SELECT pg_logical_emit_message(false, 'annals', 'next')")
            run("SELECT pg_switch_wal()")
        run("CHECKPOINT")


def in_files(words: Iterable[str], folder: Path) -> set[tuple[str, str]]:
    """Return (word, file) for each file under a folder that holds a word, or is named so."""
    hits = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(folder))
            content = (name.encode() + b"\0" + path.read_bytes()).lower()
            hits |= {(word, name) for word in words if word.encode() in content}
    return hits


def in_tables(words: Iterable[str]) -> set[tuple[str, str]]:
    """Return (word, table) for each table whose COPY, as pg_dump writes it, holds a word.

    Views come along, those of the system too: the planner's statistics hold values.
    """
    hits = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname = 'public' UNION ALL SELECT 'pg_catalog.pg_stats'"
        )
        for (table,) in cursor.fetchall():
            with cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as rows:
                content = b"".join(map(bytes, rows)).lower()
            hits |= {(word, table) for word in words if word.encode() in content}
    return hits


def in_sessions(words: Iterable[str]) -> set[tuple[str, str]]:
    """Return (word, session) for each session that holds a word; the table has them compressed."""
    held = {session.pk: str(session.get_decoded()).lower() for session in Session.objects.all()}
    return {(word, pk) for pk, content in held.items() for word in words if word in content}


def in_redis(words: Iterable[str]) -> set[tuple[str, str]]:
    """Return (word, key) for each key of Redis that holds a word, or is named so."""
    hits = set()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter():
            content = (key + b"\0" + b"\0".join(_values(client, key))).lower()
            hits |= {
                (word, key.decode(errors="replace")) for word in words if word.encode() in content
            }
    return hits


def _values(client: redis.Redis, key: bytes) -> Iterator[bytes]:
    kind = client.type(key)
    if kind == b"string":
        value = client.get(key) or b""
        yield value
        with suppress(zlib.error):
            yield zlib.decompress(value)
    elif kind == b"list":
        yield from client.lrange(key, 0, -1)
    elif kind == b"set":
        yield from client.smembers(key)
    elif kind == b"hash":
        yield from (part for pair in client.hgetall(key).items() for part in pair)
    elif kind == b"zset":
        yield from client.zrange(key, 0, -1)
    else:
        raise AssertionError(f"{key!r} is a {kind!r}, which nobody has searched so far")
