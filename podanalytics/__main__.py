"""`python -m podanalytics` is the command line."""

from podanalytics.cli import main

main()
