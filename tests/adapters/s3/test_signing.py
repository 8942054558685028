"""Presigned addresses: what they grant, to whom, and for how long."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from adapters.s3.signing import Signable, SigningKey, presign
from bootstrap.container import Container
from domain.media.models import Content
from tests.adapters.s3.presigned import verdict
from tests.builders_media import BYTES, NOW, described

SECRET = "not so secret"
KEY = SigningKey("AKIDEXAMPLE", SECRET, "eu-central-1")
HOUR = timedelta(hours=1)
PICTURE = described(BYTES)


def botocore_signature(request: Signable) -> tuple[str, datetime]:
    """Have botocore sign the same request; answer its signature and the moment that it chose."""
    signed = AWSRequest(
        method=request.method, url=request.url, headers=dict(request.headers), params=dict(request.query)
    )
    S3SigV4QueryAuth(Credentials(KEY.access_key_id, SECRET), "s3", KEY.region, expires=3600).add_auth(signed)
    query = parse_qs(urlsplit(str(signed.url)).query)
    moment = datetime.strptime(query["X-Amz-Date"][0] + "+0000", "%Y%m%dT%H%M%SZ%z")
    return query["X-Amz-Signature"][0], moment


@pytest.mark.parametrize(
    "request_",
    [
        Signable("GET", "http://127.0.0.1:9000/lab/objects/a/b"),
        Signable("GET", "https://s3.example.org/lab/a/b", query={"response-content-type": "image/webp; x=ü &+"}),
        Signable("PUT", "https://s3.example.org/lab/u", headers={"Content-Type": "image/png", "Content-Length": "7"}),
    ],
)
def test_it_signs_as_botocore_does(request_: Signable) -> None:
    signature, moment = botocore_signature(request_)
    url = presign(request_, KEY, now=moment, life=HOUR)
    assert url.endswith(f"&X-Amz-Signature={signature}")


def put_verdict(container: Container, changes: Mapping[str, str] | None = None, *, now: datetime = NOW) -> str:
    put = container.store.presign_put("uploads/a/b", PICTURE, now=NOW, life=HOUR)
    headers = dict(put.headers) | dict(changes or {})
    secret = container.settings.storage.secret_access_key.get_secret_value()
    return verdict("PUT", put.url, headers, secret=secret, now=now)


def test_a_put_is_granted_with_exactly_its_headers(container: Container) -> None:
    assert put_verdict(container) == "granted"


@pytest.mark.parametrize(
    "changes",
    [
        {"Content-Length": str(PICTURE.size_bytes + 1)},
        {"Content-Type": "text/html"},
        {"x-amz-checksum-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    ],
)
def test_a_put_of_another_size_type_or_digest_is_not(container: Container, changes: dict[str, str]) -> None:
    assert put_verdict(container, changes) == "another signature"


def test_a_put_is_over_after_its_hour(container: Container) -> None:
    assert put_verdict(container, now=NOW + HOUR - timedelta(seconds=1)) == "granted"
    assert put_verdict(container, now=NOW + HOUR) == "expired"


def get_url(container: Container, now: datetime) -> str:
    return container.store.presign_get("objects/a/b", content_type="image/webp", now=now, life=HOUR).url


def test_an_address_to_read_is_the_same_for_an_hour_so_that_browsers_can_cache(container: Container) -> None:
    assert get_url(container, NOW) == get_url(container, NOW + HOUR - timedelta(seconds=1))
    assert get_url(container, NOW) != get_url(container, NOW + HOUR)


def test_an_address_to_read_is_good_for_an_hour_at_least_and_then_over(container: Container) -> None:
    asked_at = NOW + HOUR - timedelta(seconds=1)
    signed = container.store.presign_get("objects/a/b", content_type="image/webp", now=asked_at, life=HOUR)
    secret = container.settings.storage.secret_access_key.get_secret_value()
    assert verdict("GET", signed.url, {}, secret=secret, now=asked_at + HOUR) == "granted"
    assert verdict("GET", signed.url, {}, secret=secret, now=signed.expires_at) == "expired"
    assert verdict("DELETE", signed.url, {}, secret=secret, now=NOW) == "another signature"


def test_no_address_lives_longer_than_a_week() -> None:
    url = presign(Signable("GET", "http://127.0.0.1/lab/a"), KEY, now=NOW, life=timedelta(days=30))
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["604800"]


def test_a_key_does_not_show_its_secret() -> None:
    assert SECRET not in repr(KEY)


def test_the_digest_is_bound_as_aws_writes_it(container: Container) -> None:
    empty = Content("image/png", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    put = container.store.presign_put("a", empty, now=NOW, life=HOUR)
    assert put.headers["x-amz-checksum-sha256"] == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
