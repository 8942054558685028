"""Where object storage is, from the settings."""

from adapters.s3.signing import SigningKey
from adapters.s3.store import S3Place
from bootstrap.settings import StorageSettings


def storage_place(settings: StorageSettings) -> S3Place:
    return S3Place(
        endpoint_url=settings.endpoint_url,
        public_endpoint_url=settings.public_endpoint_url or settings.endpoint_url,
        bucket=settings.bucket,
        key=SigningKey(
            settings.access_key_id.get_secret_value(), settings.secret_access_key.get_secret_value(), settings.region
        ),
    )
