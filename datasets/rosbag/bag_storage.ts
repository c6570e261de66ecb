/** The text of a type as a bag has it. */
export interface BagDefinition {
  /** `ros2msg` or `ros2idl`. */
  readonly encoding: string;
  readonly text: string;
}

/** A topic as a bag declares it. */
export interface BagTopic {
  readonly name: string;
  /** e.g. `sensor_msgs/msg/JointState`. */
  readonly type: string;
  /** e.g. `cdr`. */
  readonly serialization: string;
  /** YAML text of the QoS profiles that its publishers offered; empty where unknown. */
  readonly qos: string;
  /** REP-2011 hash of the type; empty where unknown. */
  readonly type_hash: string;
  /** Null where the bag has none. */
  readonly definition: BagDefinition | null;
}

export interface BagAttachment {
  readonly name: string;
  readonly media_type: string;
  readonly data: Uint8Array;
}

/** One message as it lies in a bag. */
export interface StoredMessage {
  readonly publish_ns: bigint;
  readonly data: Uint8Array;
}

/** One file of a bag. */
export interface BagStorage {
  /** Tells where every message lies, and what cannot be read, without keeping any. */
  survey(target: SurveyTarget): Promise<void>;
  /** The `metadata.yaml` that the file itself carries; empty where it has none. Known, like the next two, after `survey`. */
  readonly serialized_metadata: string;
  /** Other records of metadata. */
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly attachments: readonly BagAttachment[];
  /** Reads the message of two numbers that `survey` gave; to be used before the next call. */
  read(part: number, at: number): Promise<StoredMessage>;
  /** Lets go of the file, and of what was laid aside for it; `read` opens it again. */
  close(): Promise<void>;
}

export interface SurveyTarget {
  readonly signal: AbortSignal;
  /** Called once for each topic, before its first message. */
  topic(local: number, topic: BagTopic): void;
  message(local: number, log_ns: bigint, part: number, at: number): void;
  /** What is left out and why, in words. */
  note(text: string): void;
  /** @param done  share of the file, 0..1 */
  progress(done: number): void;
}
