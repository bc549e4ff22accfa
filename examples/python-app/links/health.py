"""The container's health check: asks the service itself, so that a frozen worker is noticed. Needs no curl."""

import os
import sys
from urllib.request import urlopen


def main() -> int:
    port = os.environ.get("PORT", "8000")
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        print(f"the service does not answer: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
