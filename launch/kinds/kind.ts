import type { z } from 'zod';
import type { Node, NodeParameters } from '../../contracts/index.ts';
import type { InferenceOptions } from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { HeardProcess } from '../../runtime/index.ts';
import type { CellChannels, ChannelName } from '../cell_channels.ts';
import type { Cell } from '../graph.ts';

/** Parameters of a kind: each with a default and a description; ROS 2 parameters are declared from them. */
export type ParameterSchema = NodeParameters;

/** What a node is built from. */
export interface BuildContext<P> {
  /** The node's name in its cell. */
  readonly name: string;
  readonly namespace: string;
  readonly robot: Robot;
  /** As for loadRobot. */
  readonly robot_name: string;
  /** Newest values; what may change only while the node is unconfigured is read when it is configured. */
  readonly parameters: () => P;
  /** Parameters of the cell's node of another kind as the graph has them, or that kind's defaults. */
  readonly parametersOf: <Q extends ParameterSchema>(kind: {
    readonly name: string;
    readonly parameters: Q;
  }) => z.infer<Q>;
  /** The cell as its graph has it. */
  readonly cell: Pick<Cell, 'nodes' | 'programs'>;
  /** Shared memory of the cell; null where it runs in lock-step in one process. */
  readonly channels: CellChannels | null;
  /** Processes whose heartbeats this one hears. */
  readonly heard: readonly HeardProcess[];
  /** Says how the arm is stopped from here: the promise resolves once it is at rest, or cannot be told to be. */
  readonly stopsArm: (stop: () => Promise<void>) => void;
  /** How networks are loaded, in drills and tests that break them; by default as usual. */
  readonly inference?: Pick<InferenceOptions, 'loading' | 'worker' | 'threaded'>;
  /** Where recordings go. */
  readonly out_dir: string;
  /** The node cannot go on, and a new process can: this one ends, and is started again by its policy. */
  readonly fail: (reason: string) => void;
  /** Somebody has asked the whole graph to end. */
  readonly quit: () => void;
  /** Tells whoever launched the graph how something went. */
  readonly report: (fields: object) => void;
  /** Hears what whoever launched the graph tells this node. */
  readonly listens: (listener: (fields: object) => void) => void;
}

/** A kind of node that graph files name. */
export interface NodeKind<S extends ParameterSchema = ParameterSchema> {
  readonly name: string;
  readonly description: string;
  readonly parameters: S;
  /** How long its main thread may be busy before it counts as missing (s). */
  readonly busy_s: number;
  /** It has deadlines of milliseconds: its process goes first on a busy machine, where the system allows that. */
  readonly realtime: boolean;
  /** It publishes or reads pictures, which go by shared memory; other processes leave nothing of them there when killed. */
  readonly pictures: boolean;
  /** It shares its process with no other node. */
  readonly alone: boolean;
  /** In lock-step the simulated cell itself does its part. */
  readonly in_cell: boolean;
  /** Shared memory that it takes part in. */
  readonly channels: readonly ChannelName[];
  /** Loads what the kind needs, then makes the node. */
  build(context: BuildContext<z.infer<S>>): Promise<Node>;
}

/** Declares a kind, its parameters' types inferred. */
export function nodeKind<S extends ParameterSchema>(kind: NodeKind<S>): NodeKind<S> {
  return kind;
}
