"""What the production profile refuses to start with: everything that is made for trying out."""

from __future__ import annotations

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from unasked.errors import Refusal
from unasked.settings import Profile, Settings

#: Ways of libpq to connect that check who answers.
_VERIFIED = frozenset({"verify-ca", "verify-full"})


def check_database(settings: Settings) -> None:
    """Refuse, in production, a database that is no PostgreSQL, has no password or could be anybody; raises Refusal."""
    if settings.profile is not Profile.PRODUCTION:
        return
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        # Said better by whoever opens it.
        return
    if url.get_backend_name() != "postgresql":
        raise Refusal(f"UNASKED_DATABASE_URL: production needs PostgreSQL, not {url.get_backend_name()}")
    if not url.password and "sslcert" not in url.query:
        raise Refusal("UNASKED_DATABASE_URL: has no password and no sslcert; production wants one of them")
    if url.query.get("sslmode") not in _VERIFIED:
        raise Refusal("UNASKED_DATABASE_URL: production wants TLS; end it with ?sslmode=verify-full&sslrootcert=FILE")


def check_kafka(settings: Settings) -> None:
    """Refuse, in production, a Kafka without TLS and a user; raises Refusal."""
    if settings.profile is not Profile.PRODUCTION or settings.kafka is None:
        return
    for name, value in (
        ("UNASKED_KAFKA_USER", settings.kafka_user),
        ("UNASKED_KAFKA_PASSWORD", settings.kafka_password),
    ):
        if not value:
            raise Refusal(f"{name}: not set; production reaches Kafka by TLS and SCRAM-SHA-512 only")
