import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parametersFor, parseParameterFile, readParameterFile } from './parameter_file.ts';
import { showValue } from './parameter_value.ts';

const FILE = `
/**:
  ros__parameters:
    use_sim_time: true
    limits: {speed: 0.5, names: [a, b]}
/cell/control:
  ros__parameters:
    rate_hz: 500
cell:
  planning:
    ros__parameters:
      speed: 1.0
  "*":
    ros__parameters:
      shared: 0x10
control:
  ros__parameters:
    text: "1.0"
    mixed: [1, 2.5]
`;

function valuesFor(node: string, text = FILE): Record<string, string> {
  const found = parametersFor(parseParameterFile(text, 'f.yaml'), node);
  return Object.fromEntries(found.map(({ name, value }) => [name, `${value.type} ${showValue(value)}`]));
}
const ALL = { use_sim_time: 'bool true', 'limits.speed': 'double 0.5', 'limits.names': 'string_array [a, b]' };

describe('parameter file', () => {
  it.each([
    ['/cell/control', { ...ALL, rate_hz: 'integer 500', shared: 'integer 16' }],
    ['/cell/planning', { ...ALL, speed: 'double 1', shared: 'integer 16' }],
    ['/control', { ...ALL, text: 'string 1.0', mixed: 'double_array [1, 2.5]' }],
    ['/other/cell/control', ALL],
    ['/cell/a/control', ALL],
  ])('gives %s what it names', (node, expected) => {
    expect(valuesFor(node)).toEqual(expected);
  });

  it('tells file, line and column of each value, and whether it is for several nodes', () => {
    const [first, , , last] = parametersFor(parseParameterFile(FILE, 'f.yaml'), '/cell/control');
    expect(first).toMatchObject({ name: 'use_sim_time', where: 'f.yaml:4:19', for_all: true });
    expect(last).toMatchObject({ name: 'rate_hz', where: 'f.yaml:8:14', for_all: false });
  });

  it('takes what comes later', () => {
    const text = '/**:\n  ros__parameters: {a: 1}\nn:\n  ros__parameters: {a: 3}\n';
    const found = parametersFor(parseParameterFile(text, 'f.yaml'), '/n').map(({ value }) => showValue(value));
    expect(found).toEqual(['1', '3']);
  });

  it.each([
    ['a: [1', 'f.yaml:1:6: '],
    ['a: 1', 'f.yaml:1:4: must be a map of nodes with ros__parameters'],
    ['- a', 'f.yaml:1:1: must be a map of nodes'],
    ['ros__parameters: {a: 1}', "f.yaml:1:1: ros__parameters: must stand under a node's name"],
    ['n:\n  ros__parameters: 3', 'f.yaml:2:20: ros__parameters must be a map'],
    ['n:', 'f.yaml:1:1: n has no ros__parameters'],
    ['n: {}', 'f.yaml:1:4: /n has no ros__parameters'],
    ['/cam*:\n  ros__parameters: {a: 1}', 'f.yaml:1:1: node /cam*: must be names'],
    ['a//b:\n  ros__parameters: {a: 1}', 'f.yaml:1:1: node a//b: must be names'],
    ['n:\n  ros__parameters:\n    g: [1, true]', 'f.yaml:3:8: g: [1,true]: must be a list'],
    ['n:\n  ros__parameters:\n    g: [[1]]', 'must be a list of numbers'],
    ['n:\n  ros__parameters:\n    g: 99999999999999999999', 'f.yaml:3:8: g: 99999999999999999999: must be a 64-bit'],
    ['n:\n  ros__parameters:\n    a: 1\n    a: 2', 'f.yaml:4:5: Map keys must be unique'],
    ['n:\n  ros__parameters:\n    a: &x 1\n    b: *x', 'f.yaml:4:8: *x: ROS 2 has no aliases in parameter files'],
  ])('refuses %j', (text, message) => {
    expect(() => parseParameterFile(text, 'f.yaml')).toThrow(message);
  });

  it('is empty for an empty file, and says when a file is not there', () => {
    expect(parseParameterFile('', 'f.yaml')).toEqual([]);
    const folder = mkdtempSync(join(tmpdir(), 'parameters-'));
    const file = join(folder, 'f.yaml');
    expect(() => readParameterFile(file)).toThrow(`${file}: cannot be read`);
    writeFileSync(file, FILE);
    expect(readParameterFile(file)).toHaveLength(5);
    rmSync(folder, { recursive: true });
  });
});
