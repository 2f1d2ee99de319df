"""Reading a large unit in a process of its own, while this one writes what it tells: two cores share the work.

The child only turns bytes into rows. The store stays here, with its one transaction, so whatever becomes of the child,
the unit is replaced as a whole or not at all. Between them is a pipe: a child that is ahead waits, so that no more than
some thousand events are in memory on either side.

The child is this interpreter, started with nothing but our own module: neither a fork, which threads would make unsafe,
nor a second run of whatever the main script is.
"""

from __future__ import annotations

import gc
import marshal
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from podanalytics import tables
from podanalytics.errors import LoadError
from podanalytics.tables import Table, Type
from podanalytics.telling import Telling
from podanalytics.units import Unit, told_of

if TYPE_CHECKING:
    from podanalytics.store import Writing

LARGE = 8 << 20  # bytes from which on a process of its own, which takes some tenths of a second to start, is worth it
BEGIN = "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer); from podanalytics.apart import main; main()"
_TABLES = {table.name: table for table in tables.ALL}
_AS_IT_IS = 2  # marshal's version that looks for no object that comes twice


def worth_it(size: int) -> bool:
    """Whether a unit of so many bytes is read in a process of its own: a large one, where two cores can be had."""
    return size >= LARGE and _cores() > 1 and bool(sys.executable) and not getattr(sys, "frozen", False)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read(unit: Unit, source: str, writing: Writing) -> tuple[dict[str, int], dict[str, int]] | None:
    """Writes what a unit tells, read by a child, and gives its `Telling`'s counts and what it skipped.

    None where no child could be started: nothing is written then. Raises LoadError when the child dies, and whatever
    the child raised.
    """
    try:
        child = subprocess.Popen(
            [sys.executable, "-P", "-c", BEGIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1 << 16
        )
    except OSError:
        return None
    with _ended(child) as (to, of):
        try:
            for given in (sys.path, (unit, source)):
                pickle.dump(given, to)
            to.flush()
            pickle.load(of)
        except (OSError, EOFError):
            return None  # it did not come as far as reading: this process will have to do it
        try:
            word, *told = _served(to, of, writing)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise LoadError(_died(unit, child)) from None
    if word == "failed":
        raise told[0]
    return told[0], told[1]


@contextmanager
def _ended(child: subprocess.Popen[bytes]) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A child's input and output; at the end it is gone, however that came about."""
    if child.stdin is None or child.stdout is None:
        raise ValueError("the child has no pipes")
    try:
        yield child.stdin, child.stdout
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        try:
            child.stdin.close()
        except OSError:
            child.stdin = None  # what it was not told any more


def _died(unit: Unit, child: subprocess.Popen[bytes]) -> str:
    code = child.wait()
    how = f"killed by signal {-code}" if code < 0 else f"ended with {code}"
    return (
        f"{unit.file}: the process that read it was {how}, so nothing of this file was taken over (is memory short?); "
        "what was loaded before it is kept, and `podanalytics load` goes on from there"
    )


def _served(to: IO[bytes], of: IO[bytes], writing: Writing) -> tuple[Any, ...]:
    """Does what the child asks for; gives its last word."""
    while True:
        asked, *given = pickle.load(of)
        if asked == "add":
            writing.add(_TABLES[given[0]], _unpacked(marshal.loads(given[1])))
        elif asked == "take out":
            writing.take_out(_TABLES[given[0]], given[1])
        elif asked == "known":
            pickle.dump(list(writing.known(_TABLES[given[0]], given[1], *given[2])), to)
            to.flush()
        else:
            return asked, *given


class _Elsewhere:
    """A `Writing` that is in the process which started this one."""

    def __init__(self, asks: IO[bytes], answers: IO[bytes]) -> None:
        self._asks, self._answers = asks, answers

    def tell(self, *what: Any) -> None:
        pickle.dump(what, self._asks, protocol=5)
        self._asks.flush()

    def add(self, table: Table, columns: Mapping[str, Iterable[Any]]) -> None:
        self.tell("add", table.name, marshal.dumps(_packed(table, columns), _AS_IT_IS))

    def known(self, table: Table, ids: Sequence[str], *names: str) -> Iterator[tuple[Any, ...]]:
        if not ids:
            return
        self.tell("known", table.name, ids, names)
        yield from pickle.load(self._answers)

    def take_out(self, table: Table, ids: Sequence[str]) -> None:
        if ids:
            self.tell("take out", table.name, ids)


def _packed(table: Table, columns: Mapping[str, Iterable[Any]]) -> list[tuple[str, bool, list[Any]]]:
    """(name, whether it holds times, values) of each column, times as text: what marshal takes, in a fifth of pickle's
    time.
    """
    times = {column.name for column in table.columns if column.type is Type.TIME}
    return [
        (name, name in times, [v and v.isoformat() for v in values] if name in times else list(values))
        for name, values in columns.items()
    ]


def _unpacked(packed: list[tuple[str, bool, list[Any]]]) -> dict[str, Iterable[Any]]:
    return {
        name: [v and datetime.fromisoformat(v) for v in values] if times else values for name, times, values in packed
    }


def main() -> None:
    """The child's life: reads the unit that it is told, and tells what stands in it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us, and ends us
    answers, asks = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed is not for the pipe
    writing = _Elsewhere(asks, answers)
    unit, source = pickle.load(answers)
    # What is read makes hardly any cycles, but millions of objects: looked through less often.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    try:
        writing.tell("ready")
        writing.tell(*_told(unit, source, writing))
    except BrokenPipeError:
        os._exit(1)  # nobody waits for it any more


def _told(unit: Unit, source: str, writing: Any) -> tuple[Any, ...]:
    """The last word: how much was told, or what went wrong, with its traceback."""
    telling = Telling(writing)
    try:
        telling.take(told_of(unit, source))
        telling.finish()
    except BrokenPipeError:
        raise
    except Exception as error:
        return "failed", _sendable(error)
    return "done", telling.counts, telling.skipped


def _sendable(error: Exception) -> Exception:
    """The error with its traceback as a note, for a traceback itself cannot be sent."""
    import traceback

    told = "".join(traceback.format_exception(error))
    try:
        found: Exception = pickle.loads(pickle.dumps(error))
    except Exception:
        found = RuntimeError(f"{type(error).__name__}: {error}")
    found.add_note(f"In the process that read the file:\n{told}")
    return found
