import type { z } from 'zod';
import type { Node } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { CellChannels } from '../cell_channels.ts';

/** Parameters of a kind: flat, each with a default and a description; ROS 2 parameters are declared from them. */
export type ParameterSchema = z.ZodObject<z.ZodRawShape>;

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
  /** Shared memory of the cell; null where it runs in lock-step in one process. */
  readonly channels: CellChannels | null;
  /** Where recordings go. */
  readonly out_dir: string;
  /** Tells whoever launched the graph how something went. */
  readonly report: (fields: object) => void;
}

/** A kind of node that graph files name. */
export interface NodeKind<S extends ParameterSchema = ParameterSchema> {
  readonly name: string;
  readonly description: string;
  readonly parameters: S;
  /** How long its main thread may be busy before it counts as missing (s). */
  readonly busy_s: number;
  /** It shares its process with no other node. */
  readonly alone: boolean;
  /** In lock-step the simulated cell itself does its part. */
  readonly in_cell: boolean;
  /** Loads what the kind needs, then makes the node. */
  build(context: BuildContext<z.infer<S>>): Promise<Node>;
}

/** Declares a kind, its parameters' types inferred. */
export function nodeKind<S extends ParameterSchema>(kind: NodeKind<S>): NodeKind<S> {
  return kind;
}
