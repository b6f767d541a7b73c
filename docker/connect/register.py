"""Hand a connector's configuration to Kafka Connect, as often as it takes until it is taken."""

import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

_NAME = "population"


def register(*, address: str, file: Path) -> None:
    """Put the configuration in; returns once Connect has it."""
    request = urllib.request.Request(f"{address}/connectors/{_NAME}/config", data=file.read_bytes(), method="PUT")
    request.add_header("Content-Type", "application/json")
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10):
                return
        except (urllib.error.URLError, OSError) as error:
            print(f"{address}: not taken yet ({error})", file=sys.stderr, flush=True)
            time.sleep(2)


if __name__ == "__main__":
    register(address=sys.argv[1], file=Path(sys.argv[2]))
