"""Measured comparisons, one file each; `./pod bench` runs them all and `./pod bench load` runs one."""
