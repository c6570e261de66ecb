import { compileReader } from './cdr/read.ts';
import { compileWriter } from './cdr/write.ts';
import { type RosDefinition, rosDefinition } from './definitions.ts';

export type { RosBytes } from './cdr/write.ts';

/** Writes and reads messages of one ROS 2 type as CDR, as ROS 2 puts them on the wire. */
export class RosCodec {
  readonly definition: RosDefinition;
  private readonly write: (message: object) => Uint8Array<ArrayBuffer>;
  private readonly read: (bytes: Uint8Array) => Record<string, unknown>;

  /** @param type  full name, e.g. `sensor_msgs/msg/JointState` (an unknown one throws an InputError), or a definition */
  constructor(type: string | RosDefinition) {
    this.definition = typeof type === 'string' ? rosDefinition(type) : type;
    this.write = compileWriter(this.definition.types, this.definition.name);
    this.read = compileReader(this.definition.types);
  }

  /**
   * Fields as the definition names them; absent ones become its defaults, else zero, empty or false. Throws an InputError
   * that names the field for a value that it cannot take.
   */
  encode(message: object): Uint8Array<ArrayBuffer> {
    return this.write(message);
  }

  /**
   * Typed arrays for arrays of numbers, bigint for 64 bits. An uint8[] is a view of `bytes`. What follows the message is not
   * looked at. Throws an InputError where the bytes end too soon or go beyond a bound.
   */
  decode(bytes: Uint8Array): Record<string, unknown> {
    return this.read(bytes);
  }
}
