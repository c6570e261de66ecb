import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { crba, forwardKinematics, frameIndex, framePose, RobotData, rnea } from '../../dynamics/index.ts';
import { asciiStl, boxMesh } from '../../test/support/mesh_files.ts';
import { loadUrdf, robotFromUrdf } from '../index.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'surepick urdf '));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const link = (name: string, inside = '') => `<link name="${name}">${inside}</link>`;
const mass = (kg: number | string) =>
  `<inertial><origin xyz="0.1 0 0.2"/><mass value="${kg}"/><inertia ixx="0.1" ixy="0" ixz="0" iyy="0.2" iyz="0" izz="0.1"/></inertial>`;
const LIMIT = '<limit lower="-1" upper="1" velocity="2" effort="3"/>';
const joint = (name: string, type: string, parent: string, child: string, inside = LIMIT) =>
  `<joint name="${name}" type="${type}"><parent link="${parent}"/><child link="${child}"/><axis xyz="0 0 1"/>${inside}</joint>`;
const robot = (...parts: string[]) => `<robot name="r">${parts.join('')}</robot>`;
const pair = (inside: string) => robot(link('a'), link('b'), inside);
const parse = (text: string) => robotFromUrdf(text, 'r.urdf');

describe('a URDF that cannot be used is one line with the place', () => {
  const chain = joint('j', 'revolute', 'a', 'b');
  const cases: Record<string, [text: string, message: RegExp]> = {
    'not XML': ['<robot><link', /r\.urdf line 1: .*well-formed XML/],
    'plain text': ['hello', /XML/],
    empty: ['', /XML/],
    'no robot': ['<model/>', /no <robot>/],
    'an unexpanded xacro': ['<robot xmlns:xacro="x"><xacro:macro name="m"/></robot>', /xacro/],
    'no link': [robot(), /no <link>/],
    'a link without name': [robot('<link/>'), /a link: attribute name/],
    'a link twice': [robot(link('a'), link('a')), /link "a" stands twice/],
    'a joint twice': [
      robot(link('a'), link('b'), link('c'), chain, joint('j', 'fixed', 'b', 'c')),
      /joint "j" stands twice/,
    ],
    'a revolute joint without limits': [
      pair(joint('j', 'revolute', 'a', 'b', '')),
      /joint "j": revolute without <limit>/,
    ],
    'a prismatic joint without limits': [
      pair(joint('j', 'prismatic', 'a', 'b', '')),
      /joint "j": prismatic without <limit>/,
    ],
    'a limit without velocity': [
      pair(joint('j', 'revolute', 'a', 'b', '<limit lower="0" upper="1" effort="3"/>')),
      /joint "j" limit: velocity/,
    ],
    'a limit without effort': [
      pair(joint('j', 'revolute', 'a', 'b', '<limit lower="0" upper="1" velocity="3"/>')),
      /joint "j" limit: effort/,
    ],
    'limits crossed': [
      pair(joint('j', 'revolute', 'a', 'b', '<limit lower="1" upper="0" velocity="1" effort="3"/>')),
      /lower 1 above upper 0/,
    ],
    'a negative speed limit': [
      pair(joint('j', 'revolute', 'a', 'b', '<limit lower="0" upper="1" velocity="-1" effort="3"/>')),
      /velocity -1/,
    ],
    'a link on two joints': [
      robot(link('a'), link('b'), link('c'), chain, joint('k', 'fixed', 'a', 'c'), joint('l', 'fixed', 'c', 'b')),
      /link "b" hangs on two joints, "j" and "l"/,
    ],
    'a loop': [
      robot(link('a'), link('b'), link('c'), joint('j', 'fixed', 'b', 'c'), joint('k', 'fixed', 'c', 'b')),
      /joint "j" is part of a loop/,
    ],
    'a loop without a root': [pair(chain + joint('k', 'fixed', 'b', 'a')), /loop/],
    'a link on itself': [robot(link('a'), joint('j', 'fixed', 'a', 'a')), /loop/],
    'several roots': [robot(link('a'), link('b')), /several root links, "a" and "b"/],
    'an unknown parent': [pair(joint('j', 'fixed', 'x', 'b')), /joint "j": unknown parent link "x"/],
    'an unknown child': [pair(joint('j', 'fixed', 'a', 'x')), /joint "j": unknown child link "x"/],
    'no parent': [pair('<joint name="j" type="fixed"><child link="b"/></joint>'), /joint "j" parent: attribute link/],
    'a number that is none': [
      pair(joint('j', 'revolute', 'a', 'b', `${LIMIT}<origin xyz="0 nan 0"/>`)),
      /joint "j" origin: xyz="0 nan 0"/,
    ],
    'an infinite number': [
      pair(joint('j', 'revolute', 'a', 'b', '<limit lower="-1" upper="1e999" velocity="1" effort="1"/>')),
      /upper="1e999"/,
    ],
    'two numbers for three': [
      pair(joint('j', 'revolute', 'a', 'b', `${LIMIT}<origin xyz="0 1"/>`)),
      /must be 3 finite numbers/,
    ],
    'an axis of no length': [
      pair('<joint name="j" type="continuous"><parent link="a"/><child link="b"/><axis xyz="0 0 0"/></joint>'),
      /axis of no length/,
    ],
    'a negative mass': [robot(link('a'), link('b', mass(-1)), chain), /link "b" inertial: mass -1 kg/],
    'a mass that is none': [robot(link('a'), link('b', mass('x')), chain), /link "b" inertial mass: value="x"/],
    'an inertia left out': [
      robot(link('a'), link('b', '<inertial><mass value="1"/></inertial>'), chain),
      /link "b" inertial inertia: ixx/,
    ],
    'a mimic of an unknown joint': [
      pair(joint('j', 'revolute', 'a', 'b', `${LIMIT}<mimic joint="x"/>`)),
      /joint "j" mimics "x", which is unknown/,
    ],
    'a mimic of itself': [pair(joint('j', 'revolute', 'a', 'b', `${LIMIT}<mimic joint="j"/>`)), /in a circle/],
    'a mimic of a fixed joint': [
      robot(
        link('a'),
        link('b'),
        link('c'),
        joint('f', 'fixed', 'a', 'b'),
        joint('j', 'revolute', 'b', 'c', `${LIMIT}<mimic joint="f"/>`),
      ),
      /which is fixed/,
    ],
    'a floating joint': [pair(joint('j', 'floating', 'a', 'b')), /joint "j": type "floating": supported are/],
    'a planar joint': [pair(joint('j', 'planar', 'a', 'b')), /type "planar"/],
    'a shape without size': [
      robot(link('a', '<collision><geometry><sphere/></geometry></collision>')),
      /link "a" collision 0 sphere: radius/,
    ],
    'no shape': [robot(link('a', '<visual><geometry/></visual>')), /link "a" visual 0: geometry/],
    'a flat box': [
      robot(link('a', '<collision><geometry><box size="1 0 1"/></geometry></collision>')),
      /three edges above 0/,
    ],
    'a missing mesh': [
      robot(link('a', '<visual><geometry><mesh filename="package://p/x.stl"/></geometry></visual>')),
      /link "a": mesh package:\/\/p\/x\.stl not found.*--package DIR/,
    ],
    'a mesh from elsewhere': [
      robot(link('a', '<visual><geometry><mesh filename="http://h/x.stl"/></geometry></visual>')),
      /mesh http/,
    ],
  };
  for (const [name, [text, message]] of Object.entries(cases)) {
    test(name, () => {
      expect(() => parse(text)).toThrow(InputError);
      expect(() => parse(text)).toThrow(message);
      expect(() => parse(text)).not.toThrow(/\n/);
    });
  }

  test('a file that is not there', () => {
    expect(() => loadUrdf(join(FOLDER, 'none.urdf'))).toThrow(/none\.urdf cannot be read \(ENOENT\)/);
    expect(() => loadUrdf(FOLDER)).toThrow(InputError);
  });
});

describe('what a URDF means', () => {
  test('joints stand in document order, bodies after their parents', () => {
    const { model, tip_link } = parse(
      robot(
        link('c'),
        link('b'),
        link('a'),
        joint('last', 'revolute', 'b', 'c'),
        joint('first', 'prismatic', 'a', 'b'),
      ),
    );
    expect(model.root_link).toBe('a');
    expect(model.joint_names).toEqual(['last', 'first']);
    expect(model.body_joint_names).toEqual(['first', 'last']);
    expect([...model.coordinate]).toEqual([1, 0]);
    expect([...model.parent]).toEqual([-1, 0]);
    expect([...model.joint_type]).toEqual([1, 0]);
    expect(tip_link).toBe('c');
  });

  test('a continuous joint has no position limits, an axis is x unless given', () => {
    const { model } = parse(pair('<joint name="j" type="continuous"><parent link="a"/><child link="b"/></joint>'));
    expect([model.position_lower[0], model.position_upper[0]]).toEqual([-Infinity, Infinity]);
    expect([...model.axis]).toEqual([1, 0, 0]);
  });

  test('mimic joints chain, and the effort of a coordinate is that of all its joints', () => {
    const { model } = parse(
      robot(
        link('a'),
        link('b'),
        link('c'),
        link('d'),
        joint('k', 'revolute', 'b', 'c', `${LIMIT}<mimic joint="l" multiplier="2" offset="0.1"/>`),
        joint('l', 'revolute', 'c', 'd', `${LIMIT}<mimic joint="j" multiplier="-3" offset="0.5"/>`),
        joint('j', 'revolute', 'a', 'b', `${LIMIT}<dynamics damping="0.4" friction="0.2"/>`),
      ),
    );
    expect(model.joint_names).toEqual(['j']);
    expect(model.body_joint_names).toEqual(['j', 'k', 'l']);
    expect([...model.multiplier]).toEqual([1, -6, -3]);
    expect(model.offset[1]).toBeCloseTo(1.1, 15);
    expect(model.effort_limit[0]).toBe(3 + 18 + 9);
    expect([model.damping[0], model.friction[0]]).toEqual([0.4, 0.2]);
  });

  test('links on fixed joints weigh and move as if they were bodies of their own', () => {
    const origin = '<origin xyz="0.3 -0.1 0.2" rpy="0.4 -0.7 1.1"/>';
    const make = (type: string, inside: string) =>
      parse(
        robot(
          link('a'),
          link('b', mass(1)),
          link('c', mass(2)),
          joint('j', 'revolute', 'a', 'b'),
          joint('f', type, 'b', 'c', origin + inside),
        ),
      ).model;
    const [merged, apart] = [make('fixed', ''), make('revolute', LIMIT)];
    expect([merged.nb, apart.nb]).toEqual([1, 2]);
    const [data, twin] = [new RobotData(merged), new RobotData(apart)];
    const q = 0.8;
    forwardKinematics(merged, data, Float64Array.of(q));
    forwardKinematics(apart, twin, Float64Array.of(q, 0));
    crba(merged, data);
    crba(apart, twin);
    expect(data.M[0]).toBeCloseTo(twin.M[0], 13);
    const [tau, both] = [new Float64Array(1), new Float64Array(2)];
    rnea(merged, data, Float64Array.of(1.5), Float64Array.of(-2), tau, [1, 2, 3]);
    rnea(apart, twin, Float64Array.of(1.5, 0), Float64Array.of(-2, 0), both, [1, 2, 3]);
    expect(tau[0]).toBeCloseTo(both[0], 13);
    const [x, y] = [new Float64Array(12), new Float64Array(12)];
    framePose(merged, data, frameIndex(merged, 'c'), x);
    framePose(apart, twin, frameIndex(apart, 'c'), y);
    x.forEach((value, k) => void expect(value).toBeCloseTo(y[k], 13));
  });

  test('shapes and colours ride on the body that carries their link', () => {
    const shapes =
      '<visual><origin xyz="0 0 1"/><geometry><cylinder radius="0.1" length="0.4"/></geometry><material name="red"/></visual>' +
      '<collision name="ball"><geometry><sphere radius="0.2"/></geometry></collision>';
    const { model } = parse(
      robot(
        '<material name="red"><color rgba="1 0 0 0.5"/></material>',
        link('a'),
        link('b'),
        link('c', shapes),
        joint('j', 'revolute', 'a', 'b'),
        joint('f', 'fixed', 'b', 'c', '<origin xyz="1 0 0"/>'),
      ),
    );
    expect(model.visual).toHaveLength(1);
    const [visual] = model.visual;
    expect(visual).toMatchObject({ link: 'c', body: 0, p: [1, 0, 1], rgba: [1, 0, 0, 0.5] });
    expect(visual.shape).toEqual({ type: 'cylinder', radius: 0.1, length: 0.4 });
    expect(model.collision[0]).toMatchObject({ name: 'ball', shape: { type: 'sphere', radius: 0.2 } });
  });

  test('meshes are found by package, beside the file, and by URL', () => {
    const package_ = join(FOLDER, 'my_robot');
    mkdirSync(join(package_, 'urdf'), { recursive: true });
    mkdirSync(join(package_, 'meshes'));
    writeFileSync(join(package_, 'meshes', 'a b.stl'), asciiStl(boxMesh([1, 1, 1])));
    const file = join(package_, 'urdf', 'r.urdf');
    const write = (mesh: string, at = file) => {
      writeFileSync(at, robot(link('a', `<visual><geometry><mesh filename="${mesh}"/></geometry></visual>`)));
      return at;
    };
    const url = pathToFileURL(join(package_, 'meshes', 'a b.stl')).href;
    for (const mesh of ['package://my_robot/meshes/a b.stl', '../meshes/a b.stl', 'file://../meshes/a b.stl', url]) {
      expect(loadUrdf(write(mesh)).frames, mesh).toHaveLength(1);
    }
    const elsewhere = write('package://my_robot/meshes/a b.stl', join(FOLDER, 'r.urdf'));
    expect(loadUrdf(elsewhere).nb).toBe(0);
    const far = mkdtempSync(join(tmpdir(), 'surepick far '));
    const lonely = write('package://my_robot/meshes/a b.stl', join(far, 'r.urdf'));
    expect(() => loadUrdf(lonely)).toThrow(/not found/);
    expect(loadUrdf(lonely, { packageDir: FOLDER }).nb).toBe(0);
    expect(loadUrdf(lonely, { packageDir: package_ }).nb).toBe(0);
    rmSync(far, { recursive: true });
  });
});
