"""Presigned URLs by AWS signature version 4, in the query, for path-style addresses.

Signed here and not by botocore, whose moment of signing is the machine's clock: a URL that is the same text for a
window of time is what a browser can cache, and a list of pictures needs hundreds of signatures.
Source: AWS General Reference, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
URL_SECONDS_MAX = 604_800


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Who signs, and for which region."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str

    def scope(self, day: str) -> str:
        return f"{day}/{self.region}/s3/aws4_request"

    def sign(self, day: str, text: str) -> str:
        key = b"AWS4" + self.secret_access_key.encode()
        for part in (day, self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class Signable:
    """A request to be signed: headers in it must be sent exactly as they are, beside `host`."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])


def presign(request: Signable, key: SigningKey, *, now: datetime, life: timedelta) -> str:
    """Answer the URL that grants the request from `now` for `life`, at most seven days."""
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    day = moment[:8]
    parts = urlsplit(request.url)
    headers = {"host": parts.netloc} | {name.lower(): value.strip() for name, value in request.headers.items()}
    names = ";".join(sorted(headers))
    query = dict(request.query) | {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{key.access_key_id}/{key.scope(day)}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(min(int(life.total_seconds()), URL_SECONDS_MAX)),
        "X-Amz-SignedHeaders": names,
    }
    query_text = "&".join(f"{_quote(name)}={_quote(value)}" for name, value in sorted(query.items()))
    header_text = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    path = quote(parts.path, safe="/-_.~")
    canonical = "\n".join((request.method, path, query_text, header_text, names, "UNSIGNED-PAYLOAD"))
    digest = sha256(canonical.encode()).hexdigest()
    signature = key.sign(day, "\n".join((ALGORITHM, moment, key.scope(day), digest)))
    return f"{parts.scheme}://{parts.netloc}{path}?{query_text}&X-Amz-Signature={signature}"


def _quote(text: str) -> str:
    return quote(text, safe="-_.~")
