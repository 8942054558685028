"""Access tokens as JSON Web Tokens (RFC 7519), signed by HMAC with SHA-256 and a key that can be rotated."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import jwt

from domain.accounts.errors import AccessTokenRefused
from domain.accounts.models import AccessClaims
from domain.identifiers import SessionId, UserId, WorkspaceId

ALGORITHM = "HS256"
TOKEN_CHARACTERS_MAX = 4096
_REQUIRED = ["iss", "aud", "sub", "sid", "wid", "iat", "exp"]


class JwtAccessTokens:
    """Signs with the first key and reads with any, told apart by `kid`: put a new key in front to rotate."""

    def __init__(self, keys: Sequence[str], *, issuer: str, audience: str) -> None:
        self._keys = {_key_id(key): key for key in keys}
        self._signing_key_id = _key_id(keys[0])
        self._issuer = issuer
        self._audience = audience

    def sign(self, claims: AccessClaims) -> str:
        payload = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "wid": str(claims.workspace_id),
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        headers = {"kid": self._signing_key_id}
        return jwt.encode(payload, self._keys[self._signing_key_id], algorithm=ALGORITHM, headers=headers)

    def read(self, token: str, now: datetime) -> AccessClaims:
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise _refused()
        try:
            payload: Mapping[str, object] = jwt.decode(
                token,
                self._key_of(token),
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                # Times are compared with the given moment below: the library reads the machine's clock.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
            claims = _claims(payload)
        except (jwt.PyJWTError, ValueError, OverflowError) as refused:
            raise _refused() from refused
        if claims.expires_at <= now:
            raise AccessTokenRefused("The access token has expired.")
        return claims

    def _key_of(self, token: str) -> str:
        key_id = jwt.get_unverified_header(token).get("kid")
        if not isinstance(key_id, str) or key_id not in self._keys:
            raise _refused()
        return self._keys[key_id]


def _key_id(key: str) -> str:
    return sha256(b"kid:" + key.encode()).hexdigest()[:12]


def _claims(payload: Mapping[str, object]) -> AccessClaims:
    return AccessClaims(
        user_id=UserId(UUID(str(payload["sub"]))),
        session_id=SessionId(UUID(str(payload["sid"]))),
        workspace_id=WorkspaceId(UUID(str(payload["wid"]))),
        issued_at=_moment(payload["iat"]),
        expires_at=_moment(payload["exp"]),
    )


def _moment(seconds: object) -> datetime:
    return datetime.fromtimestamp(int(str(seconds)), tz=UTC)


def _refused() -> AccessTokenRefused:
    return AccessTokenRefused("This is no access token of ours.")
