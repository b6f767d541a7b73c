"""`python -m unasked`."""

import sys

from unasked.cli import main

sys.exit(main())
