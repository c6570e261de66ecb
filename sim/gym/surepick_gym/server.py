"""One simulator process and the frames that are exchanged with it; see stack/env/frames.ts for their form."""

from __future__ import annotations

import os
import select
import signal
import struct
import subprocess
import tempfile
import time
import weakref
from collections.abc import Sequence
from typing import IO

from .errors import ServerError, ServerTimeout
from .locate import server_command

_HEAD = struct.Struct("<IHHII")
_MAGIC = 0x4B505253
_VERSION = 1
_REPLY = 128
_FAILED = 127
_KINDS = {"hello": 1, "reset": 2, "step": 3, "render": 4}
#: Longest reply of a size that is not known before: a greeting or a message.
_MOST_TEXT_BYTES = 1 << 20
_LAST_LINES = 12
_GRACE_S = 2.0


class _Refusal(ValueError):
    """The simulator's answer to input that it cannot use; the exchange itself went well."""


class Server:
    """Starts a simulator process; `request` and `reply` come in pairs, several servers can be asked before any answers."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._stderr: IO[bytes] = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            server_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            # Ctrl-C is for this program; the simulator ends when its input does.
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(self._out, select.POLLIN)
        self._sequence = 0
        self._kind = 0
        self._broken = ""
        self._end = weakref.finalize(self, _end, self._process, self._stderr)

    @property
    def pid(self) -> int:
        return self._process.pid

    def request(self, kind: str, payload: bytes) -> None:
        """Sends a request; its reply is read by `reply` or `reply_text`."""
        if self._broken:
            raise ServerError(self._broken)
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        self._kind = _KINDS[kind]
        frame = _HEAD.pack(_MAGIC, _VERSION, self._kind, self._sequence, len(payload)) + payload
        try:
            view = memoryview(frame)
            while view:
                view = view[os.write(self._in, view) :]
        except OSError:
            raise self._death("while it was sent a request") from None
        except BaseException:
            self._break("was interrupted in the middle of an exchange")
            raise

    def reply(self, parts: Sequence[memoryview]) -> int:
        """Reads the reply to the last request into `parts`, in order; returns how many bytes of it are left."""
        wanted = sum(part.nbytes for part in parts)
        try:
            size = self._head()
            if size < wanted:
                raise self._rubbish(f"a reply of {size} bytes where at least {wanted} were due")
            self._fill(parts)
            return size - wanted
        except (ServerError, _Refusal):
            raise
        except BaseException:
            self._break("was interrupted in the middle of an exchange")
            raise

    def rest(self, parts: Sequence[memoryview]) -> None:
        """Reads what `reply` left."""
        try:
            self._fill(parts)
        except ServerError:
            raise
        except BaseException:
            self._break("was interrupted in the middle of an exchange")
            raise

    def reply_text(self) -> str:
        """Reads a reply whose size is not known before."""
        size = self._head()
        if size > _MOST_TEXT_BYTES:
            raise self._rubbish(f"a message of {size} bytes")
        return self._text(size)

    def fail(self, what: str) -> ServerError:
        """For a reply of the right form that makes no sense: ends the process."""
        return self._rubbish(what)

    def close(self) -> None:
        """Ends the process; returns when it has gone."""
        if not self._broken:
            self._broken = "this environment is closed"
        self._end()

    def _head(self) -> int:
        head = bytearray(_HEAD.size)
        self._fill([memoryview(head)])
        magic, version, kind, sequence, size = _HEAD.unpack(head)
        if magic != _MAGIC:
            raise self._rubbish(f"bytes that are no frame ({bytes(head)!r})")
        if version != _VERSION:
            raise self._rubbish(f"protocol version {version}, while this package speaks {_VERSION}")
        if sequence != self._sequence:
            raise self._rubbish(f"reply {sequence} to request {self._sequence}")
        if kind == _FAILED + _REPLY:
            self._raise_failure(size)
        if kind != self._kind + _REPLY:
            raise self._rubbish(f"a reply of kind {kind} to a request of kind {self._kind}")
        return int(size)

    def _raise_failure(self, size: int) -> None:
        if not 1 <= size <= _MOST_TEXT_BYTES:
            raise self._rubbish(f"a message of {size} bytes")
        message = self._text(size)
        if message[0] == "\x01":
            raise _Refusal(message[1:])
        raise self._broken_by(f"surepick failed: {message[1:]}")

    def _text(self, size: int) -> str:
        data = bytearray(size)
        self._fill([memoryview(data)])
        return data.decode("utf-8", errors="replace")

    def _fill(self, parts: Sequence[memoryview]) -> None:
        left = [part.cast("B") for part in parts if part.nbytes > 0]
        deadline = time.monotonic() + self._timeout_s
        while left:
            self._wait(deadline)
            count = os.readv(self._out, left)
            if count == 0:
                raise self._death("while its answer was awaited")
            while left and count >= left[0].nbytes:
                count -= left[0].nbytes
                del left[0]
            if left and count > 0:
                left[0] = left[0][count:]

    def _wait(self, deadline: float) -> None:
        if self._poll is None:
            return
        left_s = deadline - time.monotonic()
        if left_s > 0 and self._poll.poll(left_s * 1000):
            return
        words = self._last_words()
        self._break("did not answer in time")
        raise ServerTimeout(
            f"surepick (process {self.pid}) did not answer within {self._timeout_s} s and was ended.{words} "
            "Raise timeout_s if the machine is slow."
        )

    def _death(self, when: str) -> ServerError:
        try:
            code = self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            return self._rubbish("nothing more: it closed its output")
        how = f"exit code {code}"
        if code < 0:
            try:
                how = f"killed by {signal.Signals(-code).name}"
            except ValueError:
                how = f"killed by signal {-code}"
        return self._broken_by(f"surepick (process {self.pid}) died {when}: {how}.")

    def _rubbish(self, what: str) -> ServerError:
        return self._broken_by(f"surepick (process {self.pid}) sent {what}.")

    def _broken_by(self, message: str) -> ServerError:
        words = self._last_words()
        self._break(message)
        return ServerError(message + words)

    def _break(self, why: str) -> None:
        self._broken = f"this environment cannot go on: {why}"
        self._process.kill()
        self._end()

    def _last_words(self) -> str:
        try:
            self._stderr.seek(0)
            lines = self._stderr.read().decode("utf-8", errors="replace").strip().splitlines()
        except (OSError, ValueError):
            return ""
        return " Its last words:\n" + "\n".join(lines[-_LAST_LINES:]) if lines else ""


def _end(process: subprocess.Popen[bytes], stderr: IO[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                pass
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    stderr.close()
