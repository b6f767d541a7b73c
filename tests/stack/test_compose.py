"""The compose file is sound for every profile, as `docker compose config` would find; it needs no engine."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.stack.child import ROOT

FILE = ROOT / "docker" / "compose.yaml"
ROLES = {"clock", "delivery-1", "delivery-2", "migrate", "topics", "worker-1", "worker-2"}
SOURCE = {"connect", "connector", "population", "topics"}
SERVERS = {"books", "kafka"}
PROFILES = {"servers": SERVERS, "source": SOURCE, "roles": ROLES, "all": SERVERS | SOURCE | ROLES}


def config(file: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("go") is None:
        pytest.skip("the library behind `docker compose config` needs go; on Debian: apt-get install golang-go")
    return subprocess.run(
        ["go", "run", ".", str(file), *PROFILES],
        cwd=Path(__file__).parent / "compose",
        env=os.environ | {"GOTOOLCHAIN": "local"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_every_profile_is_sound_and_has_its_services() -> None:
    said = config(FILE, POPULATION_PASSWORD="invented")
    assert said.returncode == 0, said.stderr
    found = {profile: set(names) for profile, *names in map(str.split, said.stdout.splitlines())}
    assert found == PROFILES


@pytest.mark.parametrize(
    ("given", "put", "said"),
    [
        ("restart: unless-stopped", "restrat: unless-stopped", "'restrat' not allowed"),
        ("  migrate: {condition", "  migrat: {condition", "undefined service"),
        ('"home:/var', '"hom:/var', "undefined volume"),
    ],
)
def test_a_slip_in_it_is_found(tmp_path: Path, given: str, put: str, said: str) -> None:
    content = FILE.read_text(encoding="utf-8")
    assert given in content
    slipped = tmp_path / "compose.yaml"
    slipped.write_text(content.replace(given, put), encoding="utf-8")
    found = config(slipped, POPULATION_PASSWORD="invented")
    assert found.returncode == 1 and said in found.stderr


def test_without_the_population_password_it_is_refused_with_what_to_set() -> None:
    found = config(FILE, POPULATION_PASSWORD="")
    assert found.returncode == 1 and "name the password of the population database" in found.stderr


def test_our_own_services_run_without_root_powers_on_a_read_only_root_and_are_watched() -> None:
    services = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    ours = {name: service for name, service in services.items() if name in ROLES | {"connector", "kafka", "connect"}}
    for name, service in ours.items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    lasting = {name for name, service in ours.items() if service["restart"] == "unless-stopped"} - {"kafka", "connect"}
    assert lasting == ROLES - {"migrate", "topics"}
    assert all("--health-port" in services[name]["command"] for name in lasting)
    assert not [name for name in lasting if services[name].get("healthcheck", {}).get("disable")]
