import { InputError } from '../contracts/index.ts';
import type { Cell, Graph } from '../launch/index.ts';

/** The name of a cell's node of a kind. Throws InputError where there is none. */
export function nodeOfKind(cell: Cell, kind: string): string {
  const node = cell.nodes.find((one) => one.kind === kind);
  if (node === undefined) {
    const kinds = [...new Set(cell.nodes.map((one) => one.kind))].join(', ');
    throw new InputError(`a node of kind ${kind}`, `is not in this graph, which has ${kinds}`);
  }
  return node.name;
}

/** The cell with other parameters of its node of a kind. */
export function withParameters(cell: Cell, kind: string, parameters: Readonly<Record<string, unknown>>): Cell {
  const name = nodeOfKind(cell, kind);
  const nodes = cell.nodes.map((node) =>
    node.name === name ? { ...node, parameters: { ...node.parameters, ...parameters } } : node,
  );
  return { ...cell, nodes };
}

/**
 * The one cell of a graph that is to be drilled, without missions of its own. Throws InputError where the arm is a real one,
 * where there are several cells or none that can be given goals.
 */
export function drilledCell({ file, cells }: Graph): Cell {
  if (cells.length !== 1) {
    const names = cells.map(({ namespace }) => namespace || '/').join(', ');
    throw new InputError(`${file}: cells ${names}`, 'a drill is of one cell: name the file of one of them');
  }
  const [cell] = cells;
  const { driver = 'sim' } = cell.nodes.find(({ kind }) => kind === 'control')?.parameters ?? {};
  if (driver !== 'sim') {
    throw new InputError(
      `${file}: driver ${driver}`,
      'drills break things on purpose: a simulated arm only, driver sim',
    );
  }
  for (const kind of ['sim', 'control', 'safety', 'planning']) nodeOfKind(cell, kind);
  return { ...cell, nodes: cell.nodes.filter(({ kind }) => kind !== 'mission') };
}
