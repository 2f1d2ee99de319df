"""That this file is here puts the project on the import path, so that all tests can share `tests.hostile` and the like."""
