import { describe, expect, it, vi } from 'vitest';
import {
  InProcessBus,
  type JointTrajectory,
  type Markers,
  SILENT_LOG,
  SimClock,
  TOPICS,
  type Vector3,
} from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, matrixFromQuaternion, RobotData } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { heightOf } from '../test/support/planning_cell.ts';
import { PlanningRig } from '../test/support/planning_rig.ts';
import { PlanMarkers } from './plan_markers.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const N = robot.arm_joints;
const SPACING_M = 0.005;
const SEED = 3;

function toolPoints({ position }: JointTrajectory): Vector3[] {
  const data = new RobotData(robot.model);
  const q = robot.home_q.slice();
  const pose = new Float64Array(12);
  return Array.from({ length: position.length / N }, (_, row) => {
    q.set(position.subarray(row * N, (row + 1) * N));
    forwardKinematics(robot.model, data, q);
    framePose(robot.model, data, frameIndex(robot.model, robot.tcp_frame), pose);
    return [pose[9], pose[10], pose[11]];
  });
}

const gap = (a: Vector3, b: Vector3) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const nearest = (point: Vector3, among: readonly Vector3[]) => Math.min(...among.map((other) => gap(point, other)));
const ofSpace = ({ markers }: Markers, space: string) => markers.filter(({ namespace }) => namespace === space);

/** A whole pick; what moved the arm, and the pictures with the number of moves that had begun by then. */
async function pick(watched: boolean, spoil = (_: PlanningRig) => {}) {
  const rig = new PlanningRig(SEED);
  const standing = rig.cell.scene.objects.map((object) => ({ ...object }));
  const answer = vi.spyOn(rig.cell, 'answer');
  const pictures: Markers[] = [];
  if (watched) rig.bus.subscribe(TOPICS.markers, 'test', (picture) => void pictures.push(picture));
  spoil(rig);
  await rig.start();
  rig.run(20);
  const moves = answer.mock.calls.flatMap(([request]) => (request.kind === 'move' ? [request] : []));
  return { rig, standing, moves, pictures };
}

describe('what a task plans, as markers', () => {
  it('shows the way of the tool, where it takes and lets go, and what was seen; then nothing', async () => {
    const { rig, standing, moves, pictures } = await pick(true);
    expect(rig.result?.ok).toBe(true);
    for (const { markers } of pictures) {
      expect(markers[0].kind).toBe('delete_all');
      expect(new Set(markers.map(({ namespace, id }) => `${namespace}/${id}`)).size).toBe(markers.length);
    }
    const planned = pictures.filter((picture) => ofSpace(picture, 'path').length > 0);
    const [{ points, frame_id }] = ofSpace(planned[0], 'path');
    expect(frame_id).toBe('world');
    const way = moves.map(({ trajectory }) => toolPoints(trajectory));
    const all = way.flat();
    expect(Math.max(...all.map((point) => nearest(point, points)))).toBeLessThanOrEqual(SPACING_M);
    expect(Math.max(...points.map((point) => nearest(point, all)))).toBeLessThan(1e-12);
    expect([points[0], points.at(-1)]).toEqual([all[0], all.at(-1)]);
    let length_m = 0;
    all.forEach((point, k) => {
      length_m += gap(point, all[Math.max(0, k - 1)]);
    });
    expect(points.length).toBeLessThanOrEqual(length_m / SPACING_M + 1 + way.length);
    // What is held is taken where it stood and let go where it is to stand, the hand pointing down.
    const { target } = rig.cell.scene.goal;
    const height_m = heightOf(standing[0].shape);
    for (const [space, x, y] of [
      ['grasp', standing[0].x, standing[0].y],
      ['place', target[0], target[1]],
    ] as const) {
      const axes = ofSpace(planned[0], space);
      expect(axes.map(({ points: [from, to] }) => to.map((v, k) => Math.sign(v - from[k])))).toEqual([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]);
      for (const { pose } of axes) {
        expect(gap(pose.position, [x, y, height_m / 2])).toBeLessThan(0.02);
        expect(matrixFromQuaternion(pose.orientation)[8]).toBeLessThan(-0.7);
      }
    }
    const cubes = ofSpace(planned[0], 'objects');
    expect(cubes).toHaveLength(standing.length);
    for (const [k, { pose, scale }] of cubes.entries()) {
      const { x, y, shape } = standing[k];
      expect(gap(pose.position, [x, y, heightOf(shape) / 2])).toBeLessThan(1e-9);
      const side = shape.type === 'cylinder' ? [2 * shape.radius, 2 * shape.radius, shape.length] : null;
      expect(scale).toEqual(shape.type === 'box' ? shape.size : side);
    }
    // From the transfer on what is left, nothing ahead for who looks again, and in the end an empty picture.
    const last = planned.at(-1);
    expect(last && ofSpace(last, 'grasp')).toEqual([]);
    expect(last && ofSpace(last, 'place')).toHaveLength(3);
    const looks = pictures.slice(pictures.findLastIndex((picture) => ofSpace(picture, 'path').length > 0) + 1, -1);
    expect(looks.length).toBeGreaterThan(0);
    for (const { markers } of looks)
      expect(new Set(markers.map(({ namespace }) => namespace))).toEqual(new Set(['', 'objects']));
    expect(pictures.at(-1)?.markers.map(({ kind }) => kind)).toEqual(['delete_all']);
  });

  it('changes nothing of what is done', async () => {
    const [seen, unseen] = [await pick(true), await pick(false)];
    expect(seen.pictures.length).toBeGreaterThan(0);
    expect(unseen.moves).toEqual(seen.moves);
    expect(unseen.rig.result).toEqual(seen.rig.result);
  });

  it('shows nothing more of a goal that was canceled', async () => {
    const { rig, pictures } = await pick(true, (spoilt) => {
      spoilt.onMove = (label) => label === 'descend';
    });
    const shown = pictures.at(-1);
    expect(shown && ofSpace(shown, 'path')).toHaveLength(1);
    rig.goal?.cancel();
    expect(pictures.at(-1)?.markers).toHaveLength(1);
  });

  it('shows a motion of no row by itself, and computes nothing unless somebody subscribes', () => {
    const bus = new InProcessBus({ validate: true });
    const markers = new PlanMarkers(robot, { bus, clock: new SimClock(), log: SILENT_LOG });
    let reads = 0;
    const motion = (label: string, turn_rad: number) => {
      const from = robot.home_q.slice(0, N);
      const rows = Array.from({ length: 50 }, (_, k) => from.map((q, j) => q + (j === 0 ? (turn_rad * k) / 49 : 0)));
      const trajectory = {
        joint_names: robot.model.joint_names.slice(0, N),
        ...{ time_s: new Float64Array(50), velocity: new Float64Array(0), acceleration: new Float64Array(0) },
        get position() {
          reads++;
          return Float64Array.from(rows.flatMap((row) => [...row]));
        },
      };
      return { kind: 'move', label, trajectory } as const;
    };
    const [out, aside] = [motion('approach', 0.5), motion('abandon', -0.7)];
    markers.follow({ kind: 'stage', name: 'approach', attempt: 1, reason: '', ahead: [out] });
    markers.follow(aside);
    markers.clear();
    expect(reads).toBe(0);
    const ends: Vector3[] = [];
    bus.subscribe(TOPICS.markers, 'test', (picture) => {
      const [{ points }] = ofSpace(picture, 'path');
      ends.push(points[points.length - 1]);
    });
    markers.follow({ kind: 'stage', name: 'approach', attempt: 1, reason: '', ahead: [out] });
    const once = reads;
    markers.follow(out);
    expect([reads, ends.length]).toEqual([once, 1]);
    markers.follow(aside);
    expect(ends).toEqual([out, aside].map(({ trajectory }) => toolPoints(trajectory)[49]));
  });
});
