import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import {
  type Cell,
  type Graph,
  type GraphFile,
  type GraphNode,
  graphSchema,
  namespaceSchema,
  nodeSchema,
} from './graph.ts';
import { kindOf, type NodeKind, parametersOfEntry, takesTool, toolOf } from './kinds/index.ts';
import { parametersInFile } from './parameters.ts';
import { YamlFile } from './yaml_file.ts';

const DEEPEST_INCLUDE = 8;

/** A parameter in place of the file's: `node.parameter`, or `/namespace/node.parameter` for one cell only. */
export interface Override {
  readonly namespace: string | null;
  readonly node: string;
  readonly parameter: string;
  readonly value: unknown;
  /** Where it was said, for errors. */
  readonly place: string;
}

export interface LoadOptions {
  /** Put before every namespace of the file. */
  readonly namespace?: string;
  readonly overrides?: readonly Override[];
  /** A mission that every cell is given besides its own nodes: a goal as JSON, or `world`. */
  readonly goal?: string | null;
}

/** Reads `NODE.PARAMETER=VALUE`, the value as YAML. Throws InputError. */
export function parseOverride(text: string, place = `--set ${text}`): Override {
  const equals = text.indexOf('=');
  if (equals < 0) throw new InputError(place, 'NODE.PARAMETER=VALUE, as planning.speed=0.5');
  return override(text.slice(0, equals), scalar(text.slice(equals + 1), place), place);
}

function scalar(text: string, place: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new InputError(place, 'a value as YAML has it', { cause });
  }
}

function override(key: string, value: unknown, place: string): Override {
  const match = /^((?:\/\w+)*\/)?(\w+)\.([\w.]+)$/.exec(key);
  if (match === null) throw new InputError(place, 'NODE.PARAMETER=VALUE, as planning.speed=0.5');
  const [, namespace, node, parameter] = match;
  return { namespace: namespace?.slice(0, -1) ?? null, node, parameter, value, place };
}

/** Reads and checks a graph with all it includes. Throws InputError that says file, line, column and what is allowed. */
export function loadGraph(file: string, options: LoadOptions = {}): Graph {
  const { namespace = '', overrides = [], goal = null } = options;
  const outer = namespaceSchema.safeParse(namespace);
  if (!outer.success) throw new InputError(`--namespace ${namespace}`, outer.error.issues[0].message);
  const cells = readCells(file, namespace, overrides, []).map((cell) => (goal === null ? cell : withGoal(cell, goal)));
  if (cells.length === 0) throw new InputError(`${file}:1:1: nodes`, 'at least one node, or an include');
  const names = new Set<string>();
  for (const cell of cells) {
    if (names.has(cell.namespace)) {
      throw new InputError(
        `${file}: two graphs in namespace "${cell.namespace}"`,
        'give each include its own namespace',
      );
    }
    names.add(cell.namespace);
  }
  for (const said of overrides) assertUsed(said, cells);
  return { file, cells };
}

function readCells(file: string, outer: string, overrides: readonly Override[], from: readonly string[]): Cell[] {
  const yaml = YamlFile.read(file);
  const graph = yaml.as(graphSchema);
  if (from.includes(file) || from.length > DEEPEST_INCLUDE) throw yaml.refuse(['include'], 'must not include itself');
  const namespace = outer + graph.namespace;
  const cells: Cell[] = [];
  if (Object.keys(graph.nodes).length > 0) cells.push(cellOf(yaml, graph, namespace, overrides));
  graph.include.forEach((include, i) => {
    const within = namespace + include.namespace;
    const place = (key: string) => yaml.refuse(['include', i, 'set', key], '').message.replace(/: *$/, '');
    const own = Object.entries(include.set).map(([key, value]) => override(key, value, place(key)));
    const inner = join(dirname(file), include.file);
    const read = readCells(inner, within, [...own, ...overrides], [...from, file]);
    for (const said of own) assertUsed(said, read);
    cells.push(...read);
  });
  return cells;
}

function cellOf(yaml: YamlFile, graph: GraphFile, namespace: string, overrides: readonly Override[]): Cell {
  const toolFor = toolOfCell(yaml, graph);
  const said = overrides.filter((one) => one.namespace === null || one.namespace === namespace);
  const nodes = Object.entries(graph.nodes).map(([name, entry]): GraphNode => {
    const kind = kindOf(entry.kind);
    // What the file says is checked by itself first, so that its errors keep their place.
    check(parametersInFile(kind), entry.parameters, (issue) => yaml.error(issue, ['nodes', name, 'parameters']));
    const own = said.filter(({ node }) => node === name);
    const given = { ...entry.parameters, ...Object.fromEntries(own.map((one) => [one.parameter, one.value])) };
    // A node with a tool of its own takes nothing of the cell's.
    const parameters = 'tool' in given ? given : { ...toolFor(kind), ...given };
    check(parametersInFile(kind), parameters, (issue) => refusal(issue, own));
    const process = kind.alone ? name : (entry.process ?? name);
    if (kind.alone && entry.process !== undefined && entry.process !== name) {
      throw yaml.refuse(['nodes', name, 'process'], `a ${entry.kind} node has a process of its own; leave it out`);
    }
    return { ...entry, name, process, busy_s: entry.busy_s ?? kind.busy_s, parameters };
  });
  nodes.forEach(({ name, process }) => {
    const owner = nodes.find((other) => other.name === process);
    if (owner !== undefined && owner.name !== name && kindOf(owner.kind).alone) {
      throw yaml.refuse(['nodes', name, 'process'], `a ${owner.kind} node has a process of its own; name another`);
    }
  });
  for (const kind of ['sim', 'control', 'safety'] as const) {
    const second = nodes.filter((node) => node.kind === kind)[1];
    if (second !== undefined) throw yaml.refuse(['nodes', second.name, 'kind'], `a cell has one ${kind} node at most`);
  }
  const control = nodes.find(({ kind }) => kind === 'control');
  if (control !== undefined && !nodes.some(({ kind }) => kind === 'safety')) {
    throw yaml.refuse(['nodes', control.name], 'nothing moves without a node of kind safety; add one');
  }
  const programs = Object.entries(graph.programs).map(([name, entry]) => ({
    ...entry,
    name,
    cwd: join(dirname(yaml.file), entry.cwd ?? '.'),
  }));
  return { namespace, robot: graph.robot, nodes, programs };
}

/** The parameters that a cell's tool has nodes of a kind take. */
function toolOfCell(yaml: YamlFile, { tool, robot, nodes }: GraphFile): (kind: NodeKind) => object {
  if (tool === undefined) return () => ({});
  const parameters = parametersOfEntry(tool);
  if (!Object.values(nodes).some(({ kind }) => takesTool(kindOf(kind).parameters)))
    throw yaml.refuse(['tool'], 'for nodes that know one; this graph has none', true);
  try {
    if (tool.frame !== '') toolOf(parameters, loadRobot(robot, { visualMeshes: false }));
  } catch (error) {
    if (error instanceof InputError) throw yaml.refuse(['tool', 'frame'], error.message);
    throw error;
  }
  return (kind) => (takesTool(kind.parameters) ? parameters : {});
}

function check(schema: z.ZodType, parameters: unknown, error: (issue: z.core.$ZodIssue) => InputError): void {
  const parsed = schema.safeParse(parameters);
  if (!parsed.success) throw error(parsed.error.issues[0]);
}

function refusal(issue: z.core.$ZodIssue, said: readonly Override[]): InputError {
  const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : String(issue.path[0]);
  const one = said.find(({ parameter }) => parameter === key) ?? said[0];
  if (issue.code === 'unrecognized_keys') return new InputError(one.place, `no parameter of node ${one.node}`);
  return new InputError(one.place, issue.message);
}

function withGoal(cell: Cell, goal: string): Cell {
  const reset = cell.nodes.some(({ kind }) => kind === 'sim');
  const entry = nodeSchema.parse({ kind: 'mission', parameters: { goal, reset }, required: false });
  const { parameters, busy_s } = kindOf(entry.kind);
  check(parameters, entry.parameters, ({ message }) => new InputError(`--goal ${goal}`, message));
  const mission = { ...entry, name: 'mission', process: 'mission', busy_s };
  return { ...cell, nodes: [...cell.nodes.filter(({ name }) => name !== mission.name), mission] };
}

function assertUsed({ namespace, node, place }: Override, cells: readonly Cell[]): void {
  const names = cells
    .filter((cell) => namespace === null || cell.namespace === namespace)
    .flatMap((cell) => cell.nodes.map(({ name }) => name));
  if (names.includes(node)) return;
  const known = [...new Set(names)].join(', ');
  throw new InputError(place, known === '' ? `no graph in namespace "${namespace}"` : `a node of the graph: ${known}`);
}

/** A path as a user would write it here. */
export function shownPath(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
