import { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import type { Cell, GraphNode } from './graph.ts';
import { kindOf, type NodeKind, type ParameterSchema } from './kinds/index.ts';

/** What a graph file may say of a node besides its kind's own parameters, as every ROS 2 node has it. */
const STANDARD = { use_sim_time: z.boolean().optional() };

/** What the parameters of a node of this kind must be in a graph file. */
export function parametersInFile({ parameters }: NodeKind): z.ZodType {
  return parameters.extend(STANDARD);
}

/** Whether the node's time is that of /clock: where its cell is simulated, unless the graph says otherwise. */
export function usesSimTime(cell: Pick<Cell, 'nodes'>, { kind, parameters }: GraphNode): boolean {
  const said = z.object(STANDARD).parse(parameters).use_sim_time;
  return said ?? (kind !== 'sim' && cell.nodes.some((node) => node.kind === 'sim'));
}

/** What the graph says of the node's own parameters. */
export function ownParameters({ parameters }: Pick<GraphNode, 'parameters'>): Record<string, unknown> {
  const { use_sim_time: _standard, ...own } = parameters;
  return own;
}

/** The parameters of a node of the graph, with its kind's defaults. */
export function parametersOf(node: GraphNode): Record<string, unknown> {
  return kindOf(node.kind).parameters.parse(ownParameters(node));
}

/** The parameters of the cell's node of a kind, or that kind's defaults. */
export function parametersOfKind<Q extends ParameterSchema>(
  cell: Cell,
  { name, parameters }: { readonly name: string; readonly parameters: Q },
): z.infer<Q> {
  const node = cell.nodes.find(({ kind }) => kind === name);
  const parsed = parameters.safeParse(node === undefined ? {} : ownParameters(node));
  if (parsed.success) return parsed.data;
  throw new InputError(`parameters of ${node?.name ?? name}`, parsed.error.issues[0].message);
}
