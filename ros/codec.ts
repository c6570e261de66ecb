import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import { type RosDefinition, rosDefinition } from './definitions.ts';

/** Writes and reads messages of one ROS 2 type as CDR. */
export class RosCodec {
  readonly definition: RosDefinition;
  private readonly writer: MessageWriter;
  private readonly reader: MessageReader<Record<string, unknown>>;

  /** @param type  full name, e.g. `sensor_msgs/msg/JointState` (an unknown one throws an InputError), or a definition */
  constructor(type: string | RosDefinition) {
    this.definition = typeof type === 'string' ? rosDefinition(type) : type;
    const types = [...this.definition.types];
    this.writer = new MessageWriter(types);
    this.reader = new MessageReader(types);
  }

  /** Fields as the definition names them; absent ones become zero, empty or false. */
  encode(message: object): Uint8Array {
    return this.writer.writeMessage(cdrStrings(message));
  }

  decode(bytes: Uint8Array): Record<string, unknown> {
    return this.reader.readMessage(bytes);
  }
}

const ASCII = /^[\0-\x7f]*$/;

/**
 * MessageWriter takes a string's length in UTF-16 units for its length in bytes, and cuts off what is longer. A string
 * filled up to its byte length with units that are then cut off comes out right.
 */
function cdrStrings(value: unknown): unknown {
  if (typeof value === 'string') {
    return ASCII.test(value) ? value : value.padEnd(Buffer.byteLength(value), '\0');
  }
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map(cdrStrings);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cdrStrings(inner)]));
}
