"""Decodes a recording with the Python package rosbags, by the definitions in the file, and prints what it sees as JSON.

    python decode_with_rosbags.py FILE.mcap

As decode_recording.py: byte arrays are given as hex, of compressed pictures only whether there are bytes.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy
from rosbags.highlevel import AnyReader
from rosbags.typesys import Stores, get_typestore


def plain(value, types):
    if isinstance(value, numpy.ndarray):
        return value.tobytes().hex() if value.dtype == numpy.uint8 else plain(value.tolist(), types)
    if isinstance(value, list):
        return [plain(item, types) for item in value]
    if hasattr(value, "__msgtype__"):
        _, fields = types.fielddefs[value.__msgtype__]
        return {name: plain(getattr(value, name), types) for name, _ in fields}
    return None if value != value else value


def main(path):
    with AnyReader([Path(path)], default_typestore=get_typestore(Stores.EMPTY)) as reader:
        messages = []
        for connection, log_ns, raw in reader.messages():
            fields = plain(reader.deserialize(raw, connection.msgtype), reader.typestore)
            if connection.msgtype == "sensor_msgs/msg/CompressedImage":
                fields["data"] = len(fields["data"]) // 2 > 0
            messages.append(
                {"topic": connection.topic, "type": connection.msgtype, "log_ns": str(log_ns), "message": fields}
            )
        decoded = {"packages": {"rosbags": version("rosbags")}, "message_count": reader.message_count, "messages": messages}
        print(json.dumps(decoded, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
