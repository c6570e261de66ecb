import { resolve } from 'node:path';
import type { Graph } from './graph.ts';

/** Files that the command line names; undefined where it does not. */
export interface ApprovalFiles {
  readonly approvers?: string | undefined;
  readonly approvals?: string | undefined;
}

/** The graph whose supervisors know who may approve and where the ledger is; the command line goes before the file. */
export function withApprovals(graph: Graph, { approvers, approvals }: ApprovalFiles): Graph {
  const told = {
    ...(approvers === undefined ? {} : { approvers: resolve(approvers) }),
    ...(approvals === undefined ? {} : { approvals: resolve(approvals) }),
  };
  const cells = graph.cells.map((cell) => ({
    ...cell,
    nodes: cell.nodes.map((node) =>
      node.kind === 'safety' ? { ...node, parameters: { ...node.parameters, ...told } } : node,
    ),
  }));
  return { ...graph, cells };
}
