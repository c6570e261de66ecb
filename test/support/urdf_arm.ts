import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRobot, type Robot } from '../../robots/index.ts';

/** A joint of a chain about its own z axis: where it stands on the one before (m, rad), and its limits (rad or m). */
export interface ChainJoint {
  readonly xyz: readonly [number, number, number];
  readonly rpy: readonly [number, number, number];
  readonly lower?: number;
  readonly upper?: number;
  readonly type?: 'revolute' | 'continuous' | 'prismatic';
  readonly axis?: readonly [number, number, number];
}

/** A serial arm of joints j1, j2, … and a last link tool0, as the loader reads it from a URDF. */
export function armOf(name: string, joints: readonly ChainJoint[], tool: ChainJoint['xyz'] = [0, 0, 0.1]): Robot {
  const links = joints.map((_, k) => `<link name="link${k}"><inertial><mass value="1"/>${INERTIA}</inertial></link>`);
  const parts = joints.map(
    ({ xyz, rpy, lower = -Math.PI, upper = Math.PI, type = 'revolute', axis = [0, 0, 1] }, k) => {
      const bounds = type === 'continuous' ? '' : `lower="${lower}" upper="${upper}"`;
      const [parent, child] = [k === 0 ? 'base' : `link${k - 1}`, `link${k}`];
      return `<joint name="j${k + 1}" type="${type}"><origin xyz="${xyz.join(' ')}" rpy="${rpy.join(' ')}"/><parent link="${parent}"/><child link="${child}"/><axis xyz="${axis.join(' ')}"/><limit ${bounds} velocity="2" effort="100"/></joint>`;
    },
  );
  const last = `<joint name="tool" type="fixed"><origin xyz="${tool.join(' ')}" rpy="0.3 -0.2 0.1"/><parent link="link${joints.length - 1}"/><child link="tool0"/></joint>`;
  const text = `<robot name="${name}"><link name="base"/>${links.join('')}<link name="tool0"/>${parts.join('')}${last}</robot>`;
  const folder = mkdtempSync(join(tmpdir(), 'surepick-arm-'));
  try {
    const file = join(folder, `${name}.urdf`);
    writeFileSync(file, text);
    return loadRobot(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const INERTIA = '<inertia ixx="0.01" iyy="0.01" izz="0.01" ixy="0" ixz="0" iyz="0"/>';
const Q = Math.PI / 2;

/** A published arm: its dimensions without covers, what its structure is called, and whether the axes meet exactly. */
interface PublishedArm {
  readonly joints: readonly ChainJoint[];
  readonly structure: RegExp;
  readonly ideal: boolean;
}

export const ARMS: Readonly<Record<'iiwa' | 'irb120' | 'puma560' | 'gen3', PublishedArm>> = {
  // KUKA LBR iiwa 14: shoulder, elbow and wrist
  iiwa: {
    structure: /^joint 7 given: spherical shoulder/,
    ideal: true,
    joints: [
      { xyz: [0, 0, 0.1575], rpy: [0, 0, 0], lower: -2.97, upper: 2.97 },
      { xyz: [0, 0, 0.2025], rpy: [Q, 0, Math.PI], lower: -2.09, upper: 2.09 },
      { xyz: [0, 0.2045, 0], rpy: [Q, 0, Math.PI], lower: -2.97, upper: 2.97 },
      { xyz: [0, 0, 0.2155], rpy: [Q, 0, 0], lower: -2.09, upper: 2.09 },
      { xyz: [0, 0.1845, 0], rpy: [-Q, Math.PI, 0], lower: -2.97, upper: 2.97 },
      { xyz: [0, 0, 0.2155], rpy: [Q, 0, 0], lower: -2.09, upper: 2.09 },
      { xyz: [0, 0.081, 0], rpy: [-Q, Math.PI, 0], lower: -3.05, upper: 3.05 },
    ],
  },
  // ABB IRB 120: spherical wrist, second and third axis parallel
  irb120: {
    structure: /^spherical wrist/,
    ideal: true,
    joints: [
      { xyz: [0, 0, 0.29], rpy: [0, 0, 0], lower: -2.87979, upper: 2.87979 },
      { xyz: [0, 0, 0], rpy: [0, 0, 0], axis: [0, 1, 0], lower: -1.91986, upper: 1.91986 },
      { xyz: [0, 0, 0.27], rpy: [0, 0, 0], axis: [0, 1, 0], lower: -1.91986, upper: 1.22173 },
      { xyz: [0.134, 0, 0.07], rpy: [0, 0, 0], axis: [1, 0, 0], lower: -2.79253, upper: 2.79253 },
      { xyz: [0.168, 0, 0], rpy: [0, 0, 0], axis: [0, 1, 0], lower: -2.094395, upper: 2.094395 },
      { xyz: [0.072, 0, 0], rpy: [0, 0, 0], axis: [1, 0, 0], lower: -6.98132, upper: 6.98132 },
    ],
  },
  // PUMA 560: spherical wrist, shoulder offset
  puma560: {
    structure: /^spherical wrist/,
    ideal: true,
    joints: [
      { xyz: [0, 0, 0.6604], rpy: [0, 0, 0], lower: -2.7925, upper: 2.7925 },
      { xyz: [0, 0, 0], rpy: [-Q, 0, 0], lower: -3.9, upper: 0.78 },
      { xyz: [0.4318, 0, 0.1491], rpy: [0, 0, 0], lower: -0.78, upper: 3.9 },
      { xyz: [-0.0203, 0, 0.4331], rpy: [Q, 0, 0], lower: -1.92, upper: 2.967 },
      { xyz: [0, 0, 0], rpy: [-Q, 0, 0], lower: -1.745, upper: 1.745 },
      { xyz: [0, 0, 0], rpy: [Q, 0, 0], lower: -4.642, upper: 4.642 },
    ],
  },
  // Kinova Gen3: offsets at the shoulder and the wrist by fractions of a millimetre: a closed form to start from
  gen3: {
    structure: /^joint 1 given: spherical wrist/,
    ideal: false,
    joints: [
      { xyz: [0, 0, 0.15643], rpy: [Math.PI, 0, 0], type: 'continuous' },
      { xyz: [0, 0.005375, -0.12838], rpy: [Q, 0, 0], lower: -2.24, upper: 2.24 },
      { xyz: [0, -0.21038, -0.006375], rpy: [-Q, 0, 0], type: 'continuous' },
      { xyz: [0, 0.006375, -0.21038], rpy: [Q, 0, 0], lower: -2.57, upper: 2.57 },
      { xyz: [0, -0.20843, -0.006375], rpy: [-Q, 0, 0], type: 'continuous' },
      { xyz: [0, 0.00017505, -0.10593], rpy: [Q, 0, 0], lower: -2.09, upper: 2.09 },
      { xyz: [0, -0.10593, -0.00017505], rpy: [-Q, 0, 0], type: 'continuous' },
    ],
  },
};
