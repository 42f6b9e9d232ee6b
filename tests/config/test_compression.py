"""Pages travel compressed, to those who take them so."""

import gzip

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from config.compression import PageCompressionMiddleware

TEXT = b"<p>All the same.</p>" * 500


def answered(response: HttpResponse, accepted: str = "gzip, br") -> HttpResponse:
    """Return what a browser gets in place of a response."""
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepted})
    return PageCompressionMiddleware(lambda _request: response)(request)


def test_a_page_is_compressed_and_reads_the_same() -> None:
    response = answered(HttpResponse(TEXT))
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.content) < len(TEXT) / 10
    assert int(response.headers["Content-Length"]) == len(response.content)
    assert gzip.decompress(response.content) == TEXT


def test_who_takes_no_gzip_gets_the_page_as_it_is_and_caches_are_told() -> None:
    response = answered(HttpResponse(TEXT), accepted="br")
    assert response.content == TEXT
    assert response.headers["Vary"] == "Accept-Encoding"


def test_the_size_of_the_same_page_differs_so_that_it_tells_nothing() -> None:
    assert len({len(answered(HttpResponse(TEXT)).content) for _ in range(50)}) > 5


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(HttpResponse(b"short"), id="a-short-one"),
        pytest.param(HttpResponse(TEXT, content_type="application/zip"), id="what-is-no-page"),
        pytest.param(HttpResponse(TEXT, headers={"Content-Encoding": "br"}), id="a-packed-one"),
        pytest.param(StreamingHttpResponse([TEXT]), id="what-is-sent-bit-by-bit"),
    ],
)
def test_other_answers_stay_as_they_are(response: HttpResponse) -> None:
    before = dict(response.headers)
    assert dict(answered(response).headers) == before


@pytest.mark.django_db
def test_every_page_is_sent_so(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"Accept-Encoding": "gzip"})
    assert b"</html>" in gzip.decompress(answer.content)
