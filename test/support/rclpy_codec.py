"""Serialises what it is told as rclpy does, and says what rclpy reads from other bytes.

usage: rclpy_codec.py IN OUT
IN: one JSON object a line: type, fields (null for a message as it is made), cdr (base64). Numbers of floating type are their bytes in hex, big endian, 64-bit
integers text. OUT: one JSON object a line: made (bytes from the fields), read (fields from the bytes), again (those written).
"""

import base64
import importlib
import json
import struct
import sys

from rclpy.serialization import deserialize_message, serialize_message
from rosidl_parser.definition import (
    AbstractNestedType,
    AbstractString,
    BasicType,
    NamespacedType,
)


def message_class(name):
    package, kind, base = name.split("/")
    module = importlib.import_module(f"{package}.{kind}")
    if kind == "msg":
        return getattr(module, base)
    stem, side = base.rsplit("_", 1)
    return getattr(getattr(module, stem), side)


def from_plain(kind, value):
    if isinstance(kind, AbstractNestedType):
        return [from_plain(kind.value_type, entry) for entry in value]
    if isinstance(kind, NamespacedType):
        return build(message_class("/".join([*kind.namespaces, kind.name])), value)
    if isinstance(kind, AbstractString):
        return value
    assert isinstance(kind, BasicType), kind
    if kind.typename in ("float", "double"):
        return struct.unpack(">d", bytes.fromhex(value))[0]
    if kind.typename == "octet":
        return bytes([value])
    return int(value) if isinstance(value, str) else value


def build(cls, fields):
    message = cls()
    for (name, _), kind in zip(cls.get_fields_and_field_types().items(), cls.SLOT_TYPES):
        setattr(message, name, from_plain(kind, fields[name]))
    return message


def to_plain(kind, value):
    if isinstance(kind, AbstractNestedType):
        return [to_plain(kind.value_type, entry) for entry in value]
    if isinstance(kind, NamespacedType):
        return fields_of(value)
    if isinstance(kind, AbstractString):
        return value
    if kind.typename in ("float", "double"):
        value = float(value)
        return "7ff8000000000000" if value != value else struct.pack(">d", value).hex()
    if kind.typename == "octet":
        return value[0]
    if kind.typename == "boolean":
        return bool(value)
    return str(int(value)) if kind.typename in ("int64", "uint64") else int(value)


def fields_of(message):
    names = message.get_fields_and_field_types()
    return {name: to_plain(kind, getattr(message, name)) for name, kind in zip(names, message.SLOT_TYPES)}


def main(source, target):
    with open(source, encoding="utf-8") as lines, open(target, "w", encoding="utf-8") as out:
        for line in lines:
            case = json.loads(line)
            cls = message_class(case["type"])
            made = serialize_message(cls() if case["fields"] is None else build(cls, case["fields"]))
            message = deserialize_message(base64.b64decode(case["cdr"]), cls)
            result = {
                "made": base64.b64encode(made).decode(),
                "read": fields_of(message),
                "again": base64.b64encode(serialize_message(message)).decode(),
            }
            out.write(json.dumps(result, ensure_ascii=False) + "\n")


main(*sys.argv[1:])
