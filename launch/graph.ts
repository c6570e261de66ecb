import { z } from 'zod';
import { KIND_NAMES, toolEntrySchema } from './kinds/index.ts';

const NAME = /^[a-z][a-z0-9_]*$/;
const NAMESPACE = /^(?:\/[a-zA-Z][a-zA-Z0-9_]*)*$/;
const TOPIC = /^[~/]?[a-zA-Z][a-zA-Z0-9_/]*$|^~\/[a-zA-Z][a-zA-Z0-9_/]*$/;

const name = z.string().regex(NAME, 'lower-case letters, digits and _, beginning with a letter');
export const namespaceSchema = z
  .string()
  .regex(NAMESPACE, 'empty, or names that each begin with /, as /left or /cell_1/left');
const topicName = z.string().regex(TOPIC, 'a ROS name: letters, digits, _ and /, or ~/name');

/** When a process that has ended is started again. */
export const restartSchema = z.strictObject({
  policy: z.enum(['never', 'on_failure']).default('on_failure'),
  /** More ends than this within `within_s` and the graph is brought down. */
  max: z.int().min(0).max(1000).default(5),
  within_s: z.number().positive().max(86_400).default(60),
  /** Wait before the first new start; it doubles with each end within `within_s` (s). */
  backoff_s: z.number().min(0).max(60).default(0.2),
});
export type RestartPolicy = Readonly<z.infer<typeof restartSchema>>;

export const nodeSchema = z.strictObject({
  kind: z.enum(KIND_NAMES),
  /** Nodes of equal process name share a process; by default a node has one of its own. */
  process: name.optional(),
  parameters: z.record(z.string(), z.unknown()).default({}),
  remap: z.record(topicName, topicName).default({}),
  /** Motion stops while a required node is missing; one that is not is only reported. */
  required: z.boolean().default(true),
  /** State that it is brought to. */
  state: z.enum(['unconfigured', 'inactive', 'active']).default('active'),
  /** Its main thread may be busy for this long before it counts as missing; by default as its kind has it (s). */
  busy_s: z.number().positive().max(3600).optional(),
  restart: restartSchema.prefault({}),
});
export type NodeEntry = Readonly<z.infer<typeof nodeSchema>>;

/** A program of any kind that runs beside the nodes, with ROS in its environment: a node in C++ or Python, a driver. */
export const programSchema = z.strictObject({
  command: z.array(z.string().min(1)).min(1).readonly(),
  /** Folder it runs in, relative to the graph file. */
  cwd: z.string().optional(),
  restart: restartSchema.prefault({}),
});
export type ProgramEntry = Readonly<z.infer<typeof programSchema>>;

const includeSchema = z.strictObject({
  /** Relative to this file. */
  file: z.string().min(1),
  namespace: namespaceSchema.default(''),
  /** `node.parameter: value`, in place of what the file says. */
  set: z.record(z.string(), z.unknown()).default({}),
});

/** A graph file as it is written. */
export const graphSchema = z.strictObject({
  schema: z.literal('surepick/graph'),
  version: z.literal(1),
  description: z.string().default(''),
  /** Name of a robot of robots/, or a file. */
  robot: z.string().min(1).default('panda'),
  namespace: namespaceSchema.default(''),
  /** The tool on the arm, for all nodes that have to know it; a node's own parameters come first. */
  tool: toolEntrySchema.optional(),
  nodes: z.record(name, nodeSchema).default({}),
  programs: z.record(name, programSchema).default({}),
  include: z.array(includeSchema).readonly().default([]),
});
export type GraphFile = Readonly<z.infer<typeof graphSchema>>;

/** One node of a cell, its parameters checked by its kind. */
const graphNode = nodeSchema.extend({ name: z.string(), process: z.string(), busy_s: z.number() });
export type GraphNode = Readonly<z.infer<typeof graphNode>>;

const graphProgram = programSchema.extend({ name: z.string(), cwd: z.string() });
export type GraphProgram = Readonly<z.infer<typeof graphProgram>>;

/** One robot with its nodes, under a namespace: cells share nothing. Nodes are brought up in this order. */
export const cellSchema = z.strictObject({
  namespace: z.string(),
  robot: z.string(),
  nodes: z.array(graphNode).readonly(),
  programs: z.array(graphProgram).readonly(),
});
export type Cell = Readonly<z.infer<typeof cellSchema>>;

export interface Graph {
  readonly file: string;
  readonly cells: readonly Cell[];
}

/** The name of a node for people: with its namespace, where it has one. */
export function fullName(cell: Cell, node: { readonly name: string }): string {
  return cell.namespace === '' ? node.name : `${cell.namespace}/${node.name}`;
}
