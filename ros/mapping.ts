import type { GoalStatus, Pose } from '../contracts/index.ts';

/** Fields of a ROS message as its definition names them. */
export type RosFields = Readonly<Record<string, unknown>>;

/** What a message does not carry and its receiver has to know. */
export interface RosLookups {
  /** Pose of frame `child` in frame `parent` at a time, null where it is not known. */
  readonly transform: (parent: string, child: string, stamp_ns: bigint) => Pose | null;
}

/** A second ROS topic that carries the rest of a message: joined to the first by its stamp. */
export interface RosCompanion<T> {
  /** Name of its topic after that of the first. */
  readonly suffix: string;
  readonly ros_type: string;
  toRos(message: T): object;
}

/**
 * A topic's messages as ROS 2 messages of one type. `fromRos` throws an InputError that names type, field and value
 * where fields cannot be used. Arrays of numbers are handed over, not copied: who borrowed their bytes copies first, and a
 * depth image is cleaned in place.
 */
export interface TopicMapping<T> {
  readonly ros_type: string;
  readonly companion?: RosCompanion<T>;
  toRos(message: T): object;
  /**
   * @param fields  one ROS message; transforms of several stamps come back as several messages
   * @param companion  the companion of equal stamp, where there is one and it came
   */
  fromRos(fields: RosFields, lookups: RosLookups, companion?: RosFields): readonly T[];
}

/** One side of a service or action: fields both ways. */
export interface RosForm<T> {
  toRos(message: T): object;
  fromRos(fields: RosFields): T;
}

export interface ServiceMapping<Request, Response> {
  readonly ros_type: string;
  readonly request: RosForm<Request>;
  readonly response: RosForm<Response>;
  /** What to answer to a request that cannot be read: a ROS service has no other way to say so. */
  refusal(reason: string): Response;
}

export interface ActionMapping<Goal, Feedback, Result> {
  readonly ros_type: string;
  readonly goal: RosForm<Goal>;
  readonly feedback: {
    /** @param now_ns  stamp of the feedback, for types that carry one */
    toRos(feedback: Feedback, now_ns: bigint): object;
    fromRos(fields: RosFields): Feedback;
  };
  /** A result alone does not always say whether its goal was cancelled: its status goes with it. */
  readonly result: {
    toRos(result: Result, status: GoalStatus): object;
    fromRos(fields: RosFields, status: GoalStatus): Result;
  };
}
