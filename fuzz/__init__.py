"""Fuzzing of the readers: `./pod fuzz`. Whatever stands in a file gives events or faults, in bounded time and memory.

`targets` says what is read and what must hold of it, `mutations` how files are damaged, `guided` and `blind` do it with
and without knowing which code was reached.
"""
