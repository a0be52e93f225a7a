"""`python -m ui`: the citewell command."""

import sys

from ui.cli import main

sys.exit(main())
