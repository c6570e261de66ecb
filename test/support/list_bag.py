"""Prints what the Python package rosbags or mcap sees in a bag, as JSON, a list for each: one [topic, type, log_ns, sha256] a message.

    python list_bag.py rosbags FOLDER_OR_FILE …
    python list_bag.py mcap FILE.mcap …
"""

import hashlib
import json
import sys
from pathlib import Path


def by_rosbags(path):
    from rosbags.highlevel import AnyReader

    with AnyReader([Path(path)]) as reader:
        for connection, log_ns, data in reader.messages():
            reader.deserialize(data, connection.msgtype)
            yield [connection.topic, connection.msgtype, str(log_ns), hashlib.sha256(data).hexdigest()]


def by_mcap(path):
    from mcap.reader import make_reader
    from mcap_ros2.decoder import DecoderFactory

    with open(path, "rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()], validate_crcs=True)
        for schema, channel, message, _ in reader.iter_decoded_messages():
            yield [channel.topic, schema.name, str(message.log_time), hashlib.sha256(message.data).hexdigest()]


if __name__ == "__main__":
    by = {"rosbags": by_rosbags, "mcap": by_mcap}[sys.argv[1]]
    print(json.dumps([list(by(path)) for path in sys.argv[2:]]))
