"""Decodes a recording with the Python packages mcap and mcap-ros2-support and prints what they see as JSON.

    python decode_recording.py FILE.mcap > one_of_each.json

Renew the golden file from the folder's recording with the versions it names whenever the messages of
test/support/one_of_each.ts change: `npx vitest run datasets/recording/recording_peer.rclpy.test.ts` writes the recording to
.cache/one_of_each.mcap first. Byte arrays are given as hex; the bytes of pictures only as their count, since encoders differ.
JSON has no NaN: null stands for it.
"""

import json
import sys
from importlib.metadata import version

from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory


def plain(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "__slots__"):
        return {name: plain(getattr(value, name)) for name in value.__slots__ if not name.startswith("_")}
    return None if value != value else value


def main(path):
    with open(path, "rb") as stream:
        reader = make_reader(stream, decoder_factories=[DecoderFactory()], validate_crcs=True)
        header = reader.get_header()
        messages = []
        for decoded in reader.iter_decoded_messages(log_time_order=False):
            fields = plain(decoded.decoded_message)
            if decoded.schema.name == "sensor_msgs/msg/CompressedImage":
                fields["data"] = len(fields["data"]) // 2 > 0
            messages.append(
                {
                    "topic": decoded.channel.topic,
                    "type": decoded.schema.name,
                    "log_ns": str(decoded.message.log_time),
                    "sequence": decoded.message.sequence,
                    "message": fields,
                }
            )
        metadata = {record.name: record.metadata for record in reader.iter_metadata()}
        print(
            json.dumps(
                {
                    "packages": {name: version(name) for name in ("mcap", "mcap-ros2-support")},
                    "profile": header.profile,
                    "message_count": reader.get_summary().statistics.message_count,
                    "metadata": metadata,
                    "messages": messages,
                },
                indent=1,
                ensure_ascii=False,
            )
        )


if __name__ == "__main__":
    main(sys.argv[1])
