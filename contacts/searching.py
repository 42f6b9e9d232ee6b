"""Which of the words that were typed lead to few contacts: found out from a sample of all."""

from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db import connections, router

from contacts.models import Contact, ContactQuerySet
from contacts.models.contact_query import PrefixQuery

FEW = 3_000  # contacts that are found and sorted sooner than others are passed over
RARE = 1 / 400  # of all contacts: the 20,000 that are looked through would not fill a page
PAGES = 150  # of the table, to look at: 2,000 contacts or so
WORDS_MAX = 8  # words to look for
# To have the index put together what so many times more contacts hold costs more than to fetch and
# check those found by the rarest word: 0.5 us for each that holds a word, 6 us to fetch it.
AS_RARE = 12

# PostgreSQL knows how many contacts hold a common word, but not how many hold a word that begins
# so and so, least of all a number.
_SAMPLE = """
WITH word AS MATERIALIZED (
    SELECT text::tsquery AS query
    FROM unnest(string_to_array(annals_query(%(typed)s)::text, ' & ')) AS typed (text)
    LIMIT %(words)s
), sampled AS MATERIALIZED (
    SELECT least(1, %(pages)s / greatest(1, pg_relation_size('contacts_contact')
        / current_setting('block_size')::float8)) AS share
), sample AS MATERIALIZED (
    SELECT search FROM contacts_contact
    TABLESAMPLE SYSTEM (100 * (SELECT share FROM sampled)) REPEATABLE (0)
)
SELECT query::text, (SELECT count(*) FROM sample WHERE search @@ query) AS hits, share,
    (SELECT count(*) FILTER (WHERE search @@ annals_query(%(typed)s)) / greatest(1.0, count(*))
     FROM sample)::float8
FROM word CROSS JOIN sampled
"""


@dataclass(frozen=True)
class Telling:
    """The words that few contacts hold, as PostgreSQL writes a query, and how many hold them.

    `expected` and `frequency` are estimates: how many hold the rarest of the words, and which part
    of all contacts holds all that was typed. The query is empty where no word was typed.
    """

    query: str = ""
    expected: int = 0
    frequency: float = 0.0

    @classmethod
    def of(cls, typed: str) -> "Telling":
        """Look up, in one query that costs the same however many contacts there are."""
        [text] = PrefixQuery(typed).get_source_expressions()
        parameters = {"typed": text.value, "words": WORDS_MAX, "pages": PAGES}
        with connections[router.db_for_read(Contact)].cursor() as cursor:
            cursor.execute(_SAMPLE, parameters)
            found = cursor.fetchall()
        if not found:
            return cls()
        _query, _hits, share, frequency = found[0]
        least = min(hits for _query, hits, *_rest in found)
        rare = [query for query, hits, *_rest in found if hits <= AS_RARE * max(least, 1)]
        return cls(" & ".join(rare), round(least / share), frequency)

    @property
    def are_few(self) -> bool:
        """Tell whether to find and sort them all is quicker than to look through the nearest."""
        return self.expected <= FEW or self.frequency < RARE

    def lead(self, rows: ContactQuerySet, typed: str) -> ContactQuerySet:
        """Return those of the rows that hold all that was typed, found by these words."""
        if not self.query:
            return rows.search(typed)
        query = SearchQuery(self.query, config="simple", search_type="raw")
        return rows.filter(search=query).search(typed, indexed=False)
