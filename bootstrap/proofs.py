"""What proves who somebody is, made from the settings."""

from datetime import timedelta

from adapters.credentials.access_tokens import JwtAccessTokens
from adapters.credentials.emails import ValidatedEmails
from adapters.credentials.passwords import Argon2PasswordHasher
from adapters.credentials.tickets import RandomTickets
from bootstrap.settings import AccountSettings
from domain.accounts.policies import Lifetimes
from domain.accounts.ports import Credentials

ISSUER, AUDIENCE = "character-lab", "character-lab-api"


def make_credentials(settings: AccountSettings) -> Credentials:
    keys = [key.get_secret_value() for key in (settings.signing_key, *settings.retired_signing_keys)]
    return Credentials(
        passwords=Argon2PasswordHasher(),
        access_tokens=JwtAccessTokens(keys, issuer=ISSUER, audience=AUDIENCE),
        emails=ValidatedEmails(),
        tickets=RandomTickets(),
    )


def make_lifetimes(settings: AccountSettings) -> Lifetimes:
    return Lifetimes(
        access_token=timedelta(minutes=settings.access_minutes), refresh_token=timedelta(days=settings.refresh_days)
    )
