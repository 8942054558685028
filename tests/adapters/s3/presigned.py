"""What AWS does with a presigned request, from its description and on its own: the embedded server checks nothing.

Source: Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote, urlsplit


def verdict(method: str, url: str, headers: Mapping[str, str], *, secret: str, now: datetime) -> str:
    """Answer `granted`, or why the request is refused."""
    parts = urlsplit(url)
    pairs = [pair.split("=", 1) for pair in parts.query.split("&")]
    query = {pair[0]: pair[1] for pair in pairs}
    values = {name: unquote(value) for name, value in query.items()}
    signed_at = datetime.strptime(values["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if now >= signed_at + timedelta(seconds=int(values["X-Amz-Expires"])):
        return "expired"
    sent = {name.lower(): value for name, value in headers.items()} | {"host": parts.netloc}
    names = values["X-Amz-SignedHeaders"].split(";")
    if missing := [name for name in names if name not in sent]:
        return f"without {missing[0]}"
    canonical_query = "&".join(f"{name}={query[name]}" for name in sorted(query) if name != "X-Amz-Signature")
    canonical_headers = "".join(f"{name}:{' '.join(sent[name].split())}\n" for name in names)
    path = quote(unquote(parts.path), safe="/-_.~")
    request = f"{method}\n{path}\n{canonical_query}\n{canonical_headers}\n{';'.join(names)}\nUNSIGNED-PAYLOAD"
    scope = values["X-Amz-Credential"].split("/", 1)[1]
    text = f"AWS4-HMAC-SHA256\n{values['X-Amz-Date']}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    return "granted" if signature == values["X-Amz-Signature"] else "another signature"
