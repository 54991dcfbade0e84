"""Lets `python -m stackworthy` do what `stackworthy` does."""

import sys

from stackworthy.cli import main

sys.exit(main())
