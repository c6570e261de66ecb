"""Environments spread over simulator processes, and where their outputs go in memory."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .server import Server

_ORDER = struct.Struct("<ddd")
_INDEX = struct.Struct("<I")


@dataclass(frozen=True)
class Field:
    """A named part of an observation vector."""

    name: str
    at: slice
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    #: What it is, with units and frame.
    describe: str


@dataclass(frozen=True)
class Greeting:
    """What a server says of its environments."""

    fields: tuple[Field, ...]
    vector_size: int
    actions: tuple[str, ...]
    cameras: tuple[str, ...]
    expert: bool
    step_limit: int
    status: tuple[str, ...]
    stages: tuple[str, ...]
    versions: dict[str, str]


@dataclass
class Output:
    """Outputs of environments, a row each. Arrays are new with every step and belong to whoever gets them."""

    table: NDArray[np.float64]
    vector: NDArray[np.float32]
    expert: NDArray[np.float32]
    #: rows × cameras × height × width (m), and the same × 3.
    depth: NDArray[np.float32]
    rgb: NDArray[np.uint8]

    def parts(self, rows: slice) -> list[memoryview]:
        arrays = (self.table, self.vector, self.expert, self.depth, self.rgb)
        return [memoryview(array[rows]) for array in arrays if array.size > 0]


class Pool:
    """`count` environments over `workers` processes. One exchange with each process a step, all at the same time."""

    def __init__(
        self,
        options: dict[str, Any],
        count: int,
        workers: int,
        autoreset: str,
        timeout_s: float,
    ) -> None:
        if not 1 <= workers <= count:
            raise ValueError(f"num_workers {workers}: 1 to the number of environments, {count}")
        self._image = (options["image_height"], options["image_width"])
        self._render = (options["render_height"], options["render_width"], 3)
        edges = [round(count * k / workers) for k in range(workers + 1)]
        self._rows = [slice(a, b) for a, b in zip(edges, edges[1:])]
        self.count = count
        self.servers: list[Server] = []
        try:
            for _ in range(workers):
                self.servers.append(Server(timeout_s))
            for server, rows in zip(self.servers, self._rows):
                hello = {"options": options, "autoreset": autoreset, "environments": rows.stop - rows.start}
                server.request("hello", json.dumps(hello).encode())
            self.greeting = [_read_greeting(server) for server in self.servers][0]
        except BaseException:
            self.close()
            raise

    def reset(self, orders: list[tuple[int, int | None, int | None]], keep: Output | None = None) -> Output:
        """Resets environments to (index, seed, episode); None goes on. `keep`: the present output of the others."""
        asked: list[tuple[Server, slice]] = []
        for server, rows in zip(self.servers, self._rows):
            payload = b"".join(
                _ORDER.pack(i - rows.start, -1 if seed is None else seed, -1 if episode is None else episode)
                for i, seed, episode in orders
                if rows.start <= i < rows.stop
            )
            if payload or keep is None:
                server.request("reset", payload)
                asked.append((server, rows))
        output = self._allocate(self.count)
        if keep is not None:
            for old, new in zip(vars(keep).values(), vars(output).values()):
                new[...] = old
        self._collect(asked, output)
        return output

    def step(self, actions: NDArray[np.float32]) -> tuple[Output, Output | None]:
        """One step of all. The second output has a row for each episode that ended and made room for another, in order."""
        pairs = list(zip(self.servers, self._rows))
        for server, rows in pairs:
            server.request("step", actions[rows].tobytes())
        output = self._allocate(self.count)
        left = self._collect(pairs, output)
        if not any(left):
            return output, None
        finals = []
        for (server, rows), size in zip(pairs, left):
            final = int(output.table[rows, self._column("final")].sum())
            extra = self._allocate(final)
            if sum(part.nbytes for part in extra.parts(slice(None))) != size:
                raise server.fail(f"{size} bytes where the last outputs of {final} episodes were due")
            server.rest(extra.parts(slice(None)))
            finals.append(extra)
        joined = [np.concatenate(arrays) for arrays in zip(*(vars(extra).values() for extra in finals))]
        return output, Output(*joined)

    def render(self, index: int) -> NDArray[np.uint8]:
        for server, rows in zip(self.servers, self._rows):
            if rows.start <= index < rows.stop:
                picture = np.empty(self._render, np.uint8)
                server.request("render", _INDEX.pack(index - rows.start))
                if server.reply([memoryview(picture)]) != 0:
                    raise server.fail("a picture of another size")
                return picture
        raise IndexError(index)

    def close(self) -> None:
        for server in self.servers:
            server.close()

    def _column(self, name: str) -> int:
        return self.greeting.status.index(name)

    def _allocate(self, rows: int) -> Output:
        greeting = self.greeting
        cameras = len(greeting.cameras)
        return Output(
            np.empty((rows, len(greeting.status)), np.float64),
            np.empty((rows, greeting.vector_size), np.float32),
            np.empty((rows, len(greeting.actions)), np.float32),
            np.empty((rows, cameras, *self._image), np.float32),
            np.empty((rows, cameras, *self._image, 3), np.uint8),
        )

    def _collect(self, asked: list[tuple[Server, slice]], output: Output) -> list[int]:
        """Reads every answer, also after one of them was an error, so that all servers stay in step."""
        left: list[int] = []
        error: Exception | None = None
        for server, rows in asked:
            try:
                left.append(server.reply(output.parts(rows)))
            except Exception as caught:
                error = error or caught
        if error is not None:
            raise error
        return left


def _read_greeting(server: Server) -> Greeting:
    text = server.reply_text()
    try:
        about = json.loads(text)
        layout = about["observation"]
        fields = tuple(_read_field(field) for field in layout["fields"])
        greeting = Greeting(
            fields=fields,
            vector_size=int(layout["size"]),
            actions=tuple(map(str, about["actions"])),
            cameras=tuple(map(str, about["cameras"])),
            expert=bool(about["expert"]),
            step_limit=int(about["step_limit"]),
            status=tuple(map(str, about["status"])),
            stages=tuple(map(str, about["stages"])),
            versions={str(key): str(value) for key, value in about["versions"].items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise server.fail(f"a greeting that makes no sense ({error!r})") from None
    if sum(field.at.stop - field.at.start for field in fields) != greeting.vector_size:
        raise server.fail("a greeting whose fields do not fill the observation")
    return greeting


def _read_field(field: dict[str, Any]) -> Field:
    offset, size = int(field["offset"]), int(field["size"])

    def limits(value: Any) -> NDArray[np.float32]:
        return np.broadcast_to(np.asarray(value, np.float64).astype(np.float32), (size,))

    return Field(
        name=str(field["name"]),
        at=slice(offset, offset + size),
        low=limits(field["low"]),
        high=limits(field["high"]),
        describe=str(field["describe"]),
    )
