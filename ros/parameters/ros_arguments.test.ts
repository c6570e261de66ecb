import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { showValue } from './parameter_value.ts';
import { namesOf, overridesOf, parseRosArguments } from './ros_arguments.ts';

const read = (...args: string[]) => parseRosArguments(['--ros-args', ...args]).ros;

describe('arguments of a ROS 2 command line', () => {
  it('leaves what is not for ROS', () => {
    const { ros, rest } = parseRosArguments(['a', '--ros-args', '-r', 'x:=y', '--', 'b', '--ros-args', '-p', 'k:=1']);
    expect(rest).toEqual(['a', 'b']);
    expect(ros.remap).toEqual([{ node: null, from: 'x', to: 'y' }]);
    expect(ros.parameters).toHaveLength(1);
  });

  it('gives a node its names and its rules only', () => {
    const ros = read(
      ...['-r', '__ns:=/cell', '-r', 'control:__node:=arm', '-r', '/a:=b', '-r', 'other:c:=d', '-r', '~/x:=y'],
      ...['-r', 'arm:e:=f', '-r', 'control:g:=h', '-r', 'arm:__ns:=/left'],
    );
    const arm = { node_name: 'arm', namespace: '/left', remap: ['/a:=b', '~/x:=y', 'e:=f'] };
    expect(namesOf(ros, 'control', '')).toEqual(arm);
    expect(namesOf(ros, 'other', '/z')).toEqual({
      node_name: 'other',
      namespace: '/cell',
      remap: ['/a:=b', 'c:=d', '~/x:=y'],
    });
    expect(namesOf(read('-r', '__ns:=/'), 'n', '/z').namespace).toBe('');
  });

  it('takes files first, then single values, each with its place', () => {
    const folder = mkdtempSync(join(tmpdir(), 'arguments-'));
    const file = join(folder, 'f.yaml');
    writeFileSync(file, '/cell/arm:\n  ros__parameters: {a: 1, b: 2}\n');
    const ros = read('-p', 'a:=[1, 2.5]', '-p', 'arm:c:=text', '-p', 'other:d:=1', '--params-file', file);
    const values = overridesOf(ros, { node_name: 'arm', namespace: '/cell', remap: [] });
    expect(values.map(({ name, value, for_all }) => [name, value.type, showValue(value), for_all])).toEqual([
      ['a', 'integer', '1', false],
      ['b', 'integer', '2', false],
      ['a', 'double_array', '[1, 2.5]', true],
      ['c', 'string', 'text', false],
    ]);
    expect(values[3].where).toBe('-p arm:c:=text');
    rmSync(folder, { recursive: true });
  });

  it.each([
    [['-r', 'x'], '-r x: must read FROM:=TO'],
    [['-r', '__ns:=cell'], '-r __ns:=cell: cell: must be a namespace'],
    [['-r', '__node:=a b'], "must be a node's name"],
    [['-r', 'a b:=c'], 'a b: must be a name'],
    [['-r', 'a:=b c'], 'b c: must be a name'],
    [['-p', 'x'], '-p x: must read NAME:=VALUE'],
    [['-p', 'x:={a: 1}'], '-p x:={a: 1}: must be a number'],
    [['-p', 'x:=[1'], '-p x:=[1: must be a number'],
    [['-p'], '-p: needs a value'],
    [['--fly'], '--ros-args --fly: takes -r, --remap, -p'],
    [['--params-file', '/nowhere.yaml'], '/nowhere.yaml: cannot be read'],
  ])('refuses %j', (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });
});
