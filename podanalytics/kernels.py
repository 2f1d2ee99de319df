"""Kernels: always this very interpreter, and on wish waiting with everything imported before a notebook wants them.

A kernel takes most of a second to start and to import what a packet needs. So a fork server imports the slow half once,
and each kernel is a fork of it that imports the rest while others work. Each is used for one notebook and then thrown
away, so nothing that a notebook did is left over for the next.

Polars starts threads as soon as it is imported, and forking a process with threads is not safe: the fork server must
not import it, a test says so.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

# What the fork server imports: slow, and without threads of its own.
FIRST = ["podanalytics", "ipykernel.kernelapp", "ipykernel.ipkernel", "sqlalchemy", "pydantic", "plotly.graph_objects"]
START = ("-m", "ipykernel_launcher", "-f", "{connection_file}")


class Waiting:
    """A kernel's process that waits to be told which kernel it is; what jupyter_client asks of a Popen."""

    stdin = stdout = stderr = None

    def __init__(self, process: ForkServerProcess, pipe: Connection) -> None:
        self._process, self._pipe = process, pipe
        self.pid = process.pid or 0

    def begin(self, arguments: list[str], env: dict[str, str], folder: str, given: bytes) -> bool:
        """Makes it a kernel; False where it is gone, so that another has to do."""
        try:
            self._pipe.send((arguments, env, folder, given))
        except OSError:
            return False
        return self.poll() is None

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Waits for its end."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """To it alone."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """At once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Politely."""
        self.send_signal(signal.SIGTERM)

    def let_go(self) -> None:
        """Tells it that nobody will want it."""
        self._pipe.close()


class Kernels:
    """So many kernels are `wanted` in all, and so many wait `at_once`; a context, at whose end those left over go.

    `given` is handed to each of them: see `handover`.
    """

    def __init__(self, wanted: int, at_once: int = 1) -> None:
        self.given = b""
        self._ordered, self._wanted = 0, wanted
        self._lock = threading.Lock()
        self._starter = ThreadPoolExecutor(1, "kernels")
        self._waiting: list[Future[Waiting]] = []
        for _ in range(at_once):
            self._order()

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, *_: object) -> None:
        self._starter.shutdown(cancel_futures=True)
        for future in self._waiting:
            if not future.cancelled() and future.exception() is None:
                future.result().let_go()

    def _order(self) -> None:
        if self._ordered < self._wanted and may_fork():
            self._ordered += 1
            self._waiting.append(self._starter.submit(_fork))

    def expect(self, wanted: int) -> None:
        """So many will be wanted in all."""
        self._wanted = wanted

    def take(self) -> Waiting | None:
        """The kernel that waited longest; None where none could be made."""
        with self._lock:
            future = self._waiting.pop(0) if self._waiting else None
            self._order()
        try:
            return future.result() if future else None
        except (OSError, EOFError):
            return None


def may_fork() -> bool:
    """Whether kernels can wait here. Each fork runs the main script anew, under another name: ours and pytest bear it,
    somebody's own script may not; it gets kernels that start when they are wanted. With `python -c` there is none.
    """
    main = sys.modules["__main__"]
    module = str(getattr(getattr(main, "__spec__", None), "name", ""))
    script = os.path.basename(str(getattr(main, "__file__", None) or ""))  # noqa: PTH119
    bears = module.endswith(".__main__") or script in ("podanalytics", "pytest") or not (module or script)
    return hasattr(os, "fork") and bears


def _fork() -> Waiting:
    from multiprocessing import get_context, resource_tracker

    context = get_context("forkserver")
    context.set_forkserver_preload(FIRST)
    ours, theirs = context.Pipe()
    process = context.Process(target=_wait, args=(theirs,), name="kernel")
    # Ctrl-C goes to the fork server too, which would answer with a traceback while it imports; it inherits the mask.
    resource_tracker.ensure_running()  # which would let the signal in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    return Waiting(process, ours)


def _wait(pipe: Connection) -> None:
    """The life of a waiting kernel."""
    os.setsid()  # as Jupyter does: Ctrl-C on the terminal is for whoever runs the notebook
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # forgets one that came before
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _import()
    try:
        arguments, env, folder, given = pipe.recv()
    except (EOFError, OSError):
        return
    threading.Thread(target=_end_with, args=(pipe,), daemon=True).start()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)

    from ipykernel.kernelapp import IPKernelApp

    from podanalytics import handover

    handover.receive(given)
    sys.argv = ["ipykernel_launcher", *arguments]
    # It knows its parent from the environment as it was when ipykernel was imported.
    IPKernelApp.launch_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])


def _import() -> None:
    from podanalytics import gather, gather_month
    from podanalytics.plugins import discover

    for package in ("sections", "trend_sections"):
        discover(f"podanalytics.{package}", "section")
    del gather, gather_month


def _end_with(pipe: Connection) -> None:
    """Whoever started us holds the other end until it ends, however that comes about."""
    try:
        pipe.recv()
    except (EOFError, OSError):
        os._exit(1)


def manager(kernels: Kernels | None = None) -> type:
    """A kernel manager that starts this interpreter; a kernel spec from JUPYTER_PATH could start any other.

    It takes a waiting kernel where there is one.
    """
    import uuid

    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    class FromWaiting(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
            taken = kernels.take() if kernels else None
            arguments = cmd[START.index("-f") + 1 :]
            folder = str(kwargs.get("cwd") or os.getcwd())  # noqa: PTH109
            if kernels is None or taken is None or not taken.begin(arguments, kwargs["env"], folder, kernels.given):
                return await super().launch_kernel(cmd, **kwargs)
            self.process, self.pid, self.cwd = taken, taken.pid, folder  # type: ignore[assignment]
            return self.connection_info

    class Here(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(argv=[sys.executable, *START], display_name="podanalytics", language="python")

        async def _async_pre_start_kernel(self, **kwargs: Any) -> Any:
            if kernels and self.provisioner is None:
                self.kernel_id = self.kernel_id or str(uuid.uuid4())
                self.provisioner = FromWaiting(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
            return await super()._async_pre_start_kernel(**kwargs)

    return Here
