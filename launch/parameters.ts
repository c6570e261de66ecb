import type { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import type { Cell, GraphNode } from './graph.ts';
import { kindOf, type ParameterSchema } from './kinds/index.ts';

/** The parameters of a node of the graph, with its kind's defaults. */
export function parametersOf(node: GraphNode): Record<string, unknown> {
  return kindOf(node.kind).parameters.parse(node.parameters);
}

/** The parameters of the cell's node of a kind, or that kind's defaults. */
export function parametersOfKind<Q extends ParameterSchema>(
  cell: Cell,
  { name, parameters }: { readonly name: string; readonly parameters: Q },
): z.infer<Q> {
  const node = cell.nodes.find(({ kind }) => kind === name);
  const parsed = parameters.safeParse(node?.parameters ?? {});
  if (parsed.success) return parsed.data;
  throw new InputError(`parameters of ${node?.name ?? name}`, parsed.error.issues[0].message);
}
