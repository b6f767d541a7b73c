import pytest

from unasked.errors import Refusal
from unasked.production import check_database, check_kafka
from unasked.settings import read_settings

DATABASE = "postgresql+psycopg://unasked:secret@db/unasked?sslmode=verify-full&sslrootcert=/run/ca.pem"
GOOD = {
    "UNASKED_PROFILE": "production",
    "UNASKED_DATABASE_URL": DATABASE,
    "UNASKED_KAFKA": "kafka:9093",
    "UNASKED_KAFKA_USER": "unasked",
    "UNASKED_KAFKA_PASSWORD": "secret",
}


def check(**changed: str) -> None:
    settings = read_settings({**GOOD, **changed})
    check_database(settings)
    check_kafka(settings)


def test_production_starts_with_tls_and_secrets():
    check()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("UNASKED_DATABASE_URL", "", "needs PostgreSQL, not sqlite"),
        ("UNASKED_DATABASE_URL", "postgresql+psycopg://unasked@db/unasked?sslmode=verify-full", "no password"),
        ("UNASKED_DATABASE_URL", "postgresql+psycopg://unasked:secret@db/unasked", "sslmode=verify-full"),
        ("UNASKED_DATABASE_URL", "postgresql+psycopg://unasked:secret@db/unasked?sslmode=require", "wants TLS"),
        ("UNASKED_KAFKA_USER", "", "UNASKED_KAFKA_USER: not set"),
        ("UNASKED_KAFKA_PASSWORD", "", "UNASKED_KAFKA_PASSWORD: not set"),
    ],
)
def test_production_refuses_what_is_made_for_trying_out(name, value, said):
    with pytest.raises(Refusal, match=said):
        check(**{name: value})
    check(**{name: value, "UNASKED_PROFILE": "service"})


def test_no_secret_is_shown_when_settings_are_printed():
    assert "secret" not in repr(read_settings(GOOD))
