import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError, PACKAGE_ROOT } from '../contracts/index.ts';
import { KIND_NAMES, kindOf } from './kinds/index.ts';
import { loadGraph, parseOverride } from './load_graph.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = 'schema: surepick/graph\nversion: 1\n';

function write(text: string, name = 'graph.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The error that a graph is refused with, without the folder's name. */
function refusal(
  text: string,
  ...options: Parameters<typeof loadGraph> extends [string, ...infer Rest] ? Rest : never
) {
  const file = write(text);
  try {
    loadGraph(file, ...options);
  } catch (error) {
    if (error instanceof InputError) return error.message.replaceAll(`${folder}/`, '');
    throw error;
  }
  throw new Error(`was accepted:\n${text}`);
}

describe('the graphs of this package', () => {
  const files = readdirSync(join(PACKAGE_ROOT, 'graphs'));

  it.each(files)('%s is sound', (file) => {
    const { cells } = loadGraph(join(PACKAGE_ROOT, 'graphs', file));
    expect(cells.length).toBeGreaterThan(0);
    for (const { nodes } of cells) expect(nodes.map(({ kind }) => kind)).toContain('safety');
  });

  it('two robots share no name', () => {
    const { cells } = loadGraph(join(PACKAGE_ROOT, 'graphs', 'two_robots.yaml'), { namespace: '/hall' });
    expect(cells.map(({ namespace }) => namespace)).toEqual(['/hall/left', '/hall/right']);
    expect(cells.map(({ nodes }) => nodes[0].parameters.seed)).toEqual([1, 2]);
  });
});

describe('every kind', () => {
  it.each(KIND_NAMES)('%s has parameters with a default and a description', (name) => {
    const { parameters } = kindOf(name);
    const defaults = parameters.parse({});
    for (const [key, field] of Object.entries(parameters.shape)) {
      expect(defaults, key).toHaveProperty(key);
      expect('description' in field && field.description, key).toBeTruthy();
    }
  });
});

describe('errors of a graph file', () => {
  const nodes = (body: string) => `${HEAD}nodes:\n  safety: {kind: safety}\n${body}`;
  it.each([
    [
      'a kind that does not exist',
      nodes('  a:\n    kind: plan\n'),
      'graph.yaml:6:11: nodes.a.kind = "plan"',
      'planning',
    ],
    [
      'a misspelt field',
      nodes('  a:\n    kind: planning\n    proces: b\n'),
      'graph.yaml:7:5: nodes.a.proces',
      'not known',
    ],
    [
      'a parameter out of range',
      nodes('  a:\n    kind: planning\n    parameters:\n      margin_m: 7\n'),
      'graph.yaml:8:17: nodes.a.parameters.margin_m = 7',
      '<=0.1',
    ],
    [
      'a parameter that does not exist',
      nodes('  a:\n    kind: planning\n    parameters: {seed: 1, sed: 1}\n'),
      'graph.yaml:7:27: nodes.a.parameters.sed',
      'not known',
    ],
    ['a name that ROS refuses', nodes('  A-b:\n    kind: planning\n'), 'graph.yaml:5:3: nodes.A-b', 'lower-case'],
    ['a missing kind', nodes('  a:\n    process: b\n'), 'graph.yaml:6:5: nodes.a.kind', 'planning'],
    ['control without safety', `${HEAD}nodes:\n  c:\n    kind: control\n`, 'graph.yaml:5:5: nodes.c', 'kind safety'],
    [
      'two nodes of a kind that is there once',
      nodes('  s2:\n    kind: safety\n'),
      'graph.yaml:6:11: nodes.s2.kind = "safety"',
      'one safety node at most',
    ],
    [
      'a supervisor that shares its process',
      nodes('  p:\n    kind: planning\n    process: safety\n'),
      'graph.yaml:7:14: nodes.p.process = "safety"',
      'process of its own',
    ],
    ['a tab', `${HEAD}nodes:\n\tsafety: {kind: safety}\n`, 'graph.yaml:4:1', 'is not YAML'],
    ['a key twice', `${HEAD}nodes:\n  a: {kind: safety}\n  a: {kind: safety}\n`, 'graph.yaml:5:3', 'is not YAML'],
    ['a file of something else', 'nodes: {}\n', 'graph.yaml:1:1: schema', 'surepick/graph'],
    ['a later version', 'schema: surepick/graph\nversion: 2\n', 'graph.yaml:2:10: version = 2', 'expected 1'],
    ['no node', HEAD, 'graph.yaml:1:1: nodes', 'at least one node'],
    ['an empty file', '', 'graph.yaml:1:1', 'expected object'],
    [
      'a namespace that is none',
      `${HEAD}namespace: left\nnodes:\n  s: {kind: safety}\n`,
      'graph.yaml:3:12: namespace = "left"',
      'begin with /',
    ],
    [
      'a file that includes itself',
      `${HEAD}include:\n  - file: graph.yaml\n`,
      'graph.yaml:4:3: include',
      'must not include itself',
    ],
    ['a file that is not there', `${HEAD}include:\n  - file: no.yaml\n`, 'no.yaml', 'ENOENT'],
    ['a billion laughs', `${HEAD}nodes: &a\n  x: [*a, *a]\n`, 'graph.yaml', ''],
  ])('%s', (_what, text, place, allowed) => {
    const message = refusal(text);
    expect(message).toContain(place);
    expect(message).toContain(allowed);
    expect(message).not.toContain('\n');
  });

  it('two includes of one namespace', () => {
    write(nodes(''), 'inner.yaml');
    expect(refusal(`${HEAD}include:\n  - file: inner.yaml\n  - file: inner.yaml\n`)).toContain('own namespace');
  });

  it('what an include sets, with the place where it says so', () => {
    write(`${HEAD}nodes:\n  safety: {kind: safety}\n  plan: {kind: planning}\n`, 'inner.yaml');
    const include = (set: string) => `${HEAD}include:\n  - file: inner.yaml\n    set: {${set}}\n`;
    expect(refusal(include('plan.seed: -4'))).toContain('graph.yaml:5:22: include.0.set.plan.seed = -4');
    expect(refusal(include('plan.nothing: 1'))).toContain('no parameter of node plan');
    expect(refusal(include('plam.seed: 1'))).toContain('a node of the graph: safety, plan');
  });
});

describe('the tool of a cell', () => {
  const cell = (tool: string, more = '') =>
    `${HEAD}${tool}nodes:\n  safety: {kind: safety}\n  control: {kind: control}\n  plan:\n    kind: planning\n${more}`;
  const tool = 'tool:\n  name: gripper\n  xyz_m: [0, 0, 0.05]\n  mass_kg: 0.3\n';
  const parametersOf = (text: string, ...overrides: string[]) => {
    const [{ nodes }] = loadGraph(write(text), { overrides: overrides.map((one) => parseOverride(one)) }).cells;
    return Object.fromEntries(nodes.map(({ name, parameters }) => [name, parameters]));
  };
  const filled = {
    ...{ tool: 'gripper', tool_frame: '', tool_xyz_m: [0, 0, 0.05], tool_rpy_rad: [0, 0, 0] },
    ...{ tool_mass_kg: 0.3, tool_com_m: [0, 0, 0] },
  };

  it('becomes parameters of the nodes that reckon with it; what a node says itself comes first', () => {
    expect(parametersOf(cell(tool))).toEqual({ safety: {}, control: filled, plan: filled });
    expect(parametersOf(cell(tool, '    parameters: {seed: 3, tool_mass_kg: 0.5}\n')).plan).toEqual({
      ...filled,
      ...{ seed: 3, tool_mass_kg: 0.5 },
    });
    expect(parametersOf(cell(tool), 'plan.tool_mass_kg=0.4').plan).toEqual({ ...filled, tool_mass_kg: 0.4 });
    const own = '    parameters: {tool: other, tool_mass_kg: 1}\n';
    expect(parametersOf(cell(tool, own)).plan).toEqual({ tool: 'other', tool_mass_kg: 1 });
    expect(parametersOf(cell(tool, "    parameters: {tool: ''}\n")).plan).toEqual({ tool: '' });
    expect(parametersOf(cell(''))).toEqual({ safety: {}, control: {}, plan: {} });
  });

  it.each([
    ['a name that is missing', 'tool:\n  mass_kg: 1\n', 'graph.yaml:4:3: tool.name', 'string'],
    ['a misspelt field', 'tool:\n  name: a\n  mas_kg: 1\n', 'graph.yaml:5:3: tool.mas_kg', 'not known'],
    ['a mass below 0', 'tool:\n  name: a\n  mass_kg: -1\n', 'graph.yaml:5:12: tool.mass_kg = -1', '>=0'],
    ['two coordinates', 'tool:\n  name: a\n  xyz_m: [0, 1]\n', 'graph.yaml:5:10: tool.xyz_m', '3'],
    ['millimetres', 'tool:\n  name: a\n  xyz_m: [0, 0, 50]\n', 'graph.yaml:5:17: tool.xyz_m.2 = 50', '<=5'],
    ['degrees', 'tool:\n  name: a\n  rpy_rad: [90, 0, 0]\n', 'graph.yaml:5:13: tool.rpy_rad.0 = 90', '<=6.28'],
    [
      'a centre of mass of nothing',
      'tool:\n  name: a\n  com_m: [0, 0, 0.1]\n',
      'graph.yaml:5:10: tool.com_m',
      'needs mass_kg',
    ],
    [
      'a frame of another link',
      'tool:\n  name: a\n  frame: panda_link2\n',
      'graph.yaml:5:10: tool.frame = "panda_link2"',
      'panda_link8, panda_hand',
    ],
  ])('%s', (_what, text, place, allowed) => {
    const message = refusal(cell(text));
    expect(message).toContain(place);
    expect(message).toContain(allowed);
    expect(message).not.toContain('\n');
  });

  it('in a graph where nobody reckons with it', () => {
    expect(refusal(`${HEAD}${tool}nodes:\n  safety: {kind: safety}\n`)).toContain('graph.yaml:3:1: tool: for nodes');
  });
});

describe('overrides', () => {
  const graph = write(`${HEAD}nodes:\n  safety: {kind: safety}\n  plan: {kind: planning}\n`, 'plain.yaml');

  it('take the place of what the file says, for one cell or for all', () => {
    const two = write(
      `${HEAD}include:\n  - {file: plain.yaml, namespace: /a}\n  - {file: plain.yaml, namespace: /b}\n`,
      'two.yaml',
    );
    const overrides = ['plan.seed=3', '/b/plan.seed=4', '/b/plan.margin_m=0.01'].map((text) => parseOverride(text));
    const { cells } = loadGraph(two, { overrides });
    expect(cells.map(({ nodes: [, plan] }) => plan.parameters)).toEqual([{ seed: 3 }, { seed: 4, margin_m: 0.01 }]);
  });

  it.each([
    ['plan', 'NODE.PARAMETER=VALUE'],
    ['plan=3', 'NODE.PARAMETER=VALUE'],
    ['plan.seed=x', '--set plan.seed=x'],
    ['plan.seed=1.5', '--set plan.seed=1.5'],
    ['plan.seed={', '--set plan.seed={'],
    ['other.seed=1', 'a node of the graph: safety, plan'],
    ['/cell/plan.seed=1', 'no graph in namespace "/cell"'],
  ])('%s is refused', (text, told) => {
    expect(() => loadGraph(graph, { overrides: [parseOverride(text)] })).toThrow(told);
  });
});
