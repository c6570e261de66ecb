import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ACTIONS, type JointState, type Pose, TOPICS } from '../contracts/index.ts';
import {
  composePoses,
  forwardKinematics,
  frameIndex,
  framePose,
  poseFrom12,
  RobotData,
  rnea,
} from '../dynamics/index.ts';
import { IkSolver } from '../planning/index.ts';
import { loadRobot, PANDA_URDF, type Robot, robotFromUrdf, withTool } from '../robots/index.ts';
import { drawUnrecordedWorld } from '../stack/index.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { EmbeddedCell } from './embedded_cell.ts';
import { loadGraph } from './load_graph.ts';

const MASS_KG = 0.3;
const LONGER_M = 0.05;
const COM_M = [0.01, 0, 0.02] as const;
const TOOL = { name: 'long fingers', xyz_m: [0, 0, LONGER_M], mass_kg: MASS_KG, com_m: COM_M };
const panda = loadRobot('panda', { visualMeshes: false });
const carrying = withTool(panda, {
  T_tool_tcp: { position: [0, 0, LONGER_M], orientation: [0, 0, 0, 1] },
  payload: { mass_kg: MASS_KG, com_m: COM_M },
});

/** Pose of a frame at joint positions (m, rad). */
function poseAt({ model }: Robot, frame: string, q: Float64Array): Pose {
  const data = new RobotData(model);
  const pose = new Float64Array(12);
  forwardKinematics(model, data, q);
  framePose(model, data, frameIndex(model, frame), pose);
  return poseFrom12(pose);
}

/** Torques that hold the arm still (Nm). */
function holding({ model }: Robot, q: Float64Array): Float64Array {
  const data = new RobotData(model);
  const tau = new Float64Array(model.nq);
  forwardKinematics(model, data, q);
  rnea(model, data, new Float64Array(model.nq), new Float64Array(model.nq), tau);
  return tau;
}

interface Seen {
  readonly cell: EmbeddedCell;
  readonly description: string;
  readonly joints: JointState;
  /** Of the newest joint states. */
  readonly tip_of_tf: Pose;
}

/** The nodes of a graph in a cell of its own, and what it publishes of the arm. */
class Watched {
  readonly cell: EmbeddedCell;
  readonly errors: unknown[];
  private readonly edges = new Map<string, { readonly parent: string; readonly pose: Pose }>();
  private joints: JointState | null = null;
  private description = '';

  private constructor(cell: EmbeddedCell, errors: unknown[]) {
    this.cell = cell;
    this.errors = errors;
    for (const topic of [TOPICS.tf, TOPICS.tf_static])
      cell.bus.subscribe(topic, 'test', ({ transforms }) => {
        for (const { parent, child, pose } of transforms) this.edges.set(child, { parent, pose });
      });
    cell.bus.subscribe(TOPICS.joint_states, 'test', (state) => {
      this.joints = state;
    });
    cell.bus.subscribe(TOPICS.robot_description, 'test', ({ data }) => {
      this.description = data;
    });
  }

  static async start(file: string): Promise<Watched> {
    const errors: unknown[] = [];
    const [graph] = loadGraph(file).cells;
    const quiet = { onLine: () => {}, report: () => {}, onError: (error: unknown) => void errors.push(error) };
    const cell = await EmbeddedCell.create(graph, { log_level: 'silent', out_dir: tmpdir(), ...quiet });
    const watched = new Watched(cell, errors);
    await cell.start(() => {});
    return watched;
  }

  async run(seconds: number, done: () => boolean = () => false): Promise<boolean> {
    for (const end_s = this.cell.simulated.time_s + seconds; this.cell.simulated.time_s < end_s; ) {
      await this.cell.step();
      if (done()) return true;
    }
    return false;
  }

  see(tip: string): Seen {
    const { cell, description, joints } = this;
    if (joints === null) throw new Error('no joint states');
    return { cell, description, joints, tip_of_tf: this.lookup(tip) };
  }

  /** T_world_link through the frame tree. */
  private lookup(link: string): Pose {
    const edge = this.edges.get(link);
    if (edge === undefined) throw new Error(`${link} hangs on nothing`);
    return edge.parent === 'world' ? edge.pose : composePoses(this.lookup(edge.parent), edge.pose);
  }
}

function expectNear(pose: Pose, expected: Pose, within: number): void {
  const apart = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((x, k) => Math.abs(x - b[k])));
  expect(apart(pose.position, expected.position)).toBeLessThan(within);
  const turned = Math.abs(pose.orientation.reduce((sum, x, k) => sum + x * expected.orientation[k], 0));
  expect(1 - turned).toBeLessThan(within);
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-tool-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function graph(tool: object | null): string {
  const nodes = {
    sim: { kind: 'sim', parameters: { task: 'pick-place', seed: 0 } },
    safety: { kind: 'safety' },
    control: { kind: 'control' },
    robot_state_publisher: { kind: 'robot_state_publisher' },
    perception: { kind: 'perception', parameters: { model: 'classical' } },
    planning: { kind: 'planning' },
  };
  const file = join(folder, tool === null ? 'plain.yaml' : 'tool.yaml');
  writeFileSync(file, stringify({ schema: 'surepick/graph', version: 1, ...(tool === null ? {} : { tool }), nodes }));
  return file;
}

/** What the arm and its planner do about an object of the world, until the fingers are to close on it. */
async function graspIn(tool: object | null) {
  const watched = await Watched.start(graph(tool));
  const { bus } = watched.cell;
  const drawn: Pose[] = [];
  bus.subscribe(TOPICS.markers, 'test', ({ markers }) => {
    for (const { namespace, pose } of markers) if (namespace === 'grasp') drawn.push(pose);
  });
  const world = { task: 'pick-place', seed: 0, randomize: 'none', objects: 'all' } as const;
  const { scene, goal } = drawUnrecordedWorld(world, 0, panda).instance;
  if (goal.task !== 'pick-place') throw new Error(`goal of ${goal.task}`);
  const { object, target } = goal;
  let stage = '';
  bus.sendGoal(
    ACTIONS.pick_place,
    { object, target },
    {
      onFeedback: (feedback) => {
        stage = feedback.stage;
      },
      onResult: (_status, { reason }) => {
        stage = `ended: ${reason}`;
      },
    },
  );
  await watched.run(15, () => stage === 'grasp' || stage.startsWith('ended'));
  expect(stage).toBe('grasp');
  const there = scene.objects.find((one) => one.class === object.class && one.colour === object.colour);
  return { watched, drawn: drawn[drawn.length - 1], at: there?.pose.position ?? [Number.NaN, 0, 0] };
}

/** A motion from home that brings the hand's own tip straight down to a height above the table (m). */
function downTo(height_m: number) {
  const target = new Float64Array(12);
  const data = new RobotData(panda.model);
  forwardKinematics(panda.model, data, panda.home_q);
  framePose(panda.model, data, frameIndex(panda.model, panda.tcp_frame), target);
  target[11] = height_m;
  const n = panda.arm_joints;
  const solved = new IkSolver(panda).solve(target, panda.home_q.slice(0, n), null);
  expect(solved.ok).toBe(true);
  const names = panda.model.joint_names.slice(0, n);
  return { label: 'down', trajectory: restToRest(panda.home_q, solved.q, panda.limits, 0.3, 0.02, names) };
}

describe('a tool of 0.3 kg that is 50 mm longer', () => {
  it('is in the frames, the description and the grasp that is planned', { timeout: 60_000 }, async () => {
    const { watched, drawn, at } = await graspIn(TOOL);
    const { joints, tip_of_tf, description } = watched.see('tool_tcp');
    expectNear(tip_of_tf, poseAt(carrying, 'tool_tcp', joints.position), 1e-9);
    // The planner drew its grasp where its own tip is when the arm has come there.
    expectNear(drawn, tip_of_tf, 0.003);
    expect(Math.hypot(tip_of_tf.position[0] - at[0], tip_of_tf.position[1] - at[1])).toBeLessThan(0.02);
    expect(Math.abs(tip_of_tf.position[2] - at[2])).toBeLessThan(0.03);
    const hand = poseAt(panda, 'panda_hand_tcp', joints.position);
    expect(hand.position[2] - tip_of_tf.position[2]).toBeCloseTo(LONGER_M, 3);
    const read = { ...panda, model: robotFromUrdf(description, PANDA_URDF).model };
    holding(read, joints.position).forEach((tau, j) => {
      expect(Math.abs(tau - holding(carrying, joints.position)[j])).toBeLessThan(1e-9);
    });
    await watched.cell.stop(() => {});
    expect(watched.errors).toEqual([]);
  });

  it('is grasped with where the URDF has the tip, without it', { timeout: 60_000 }, async () => {
    const { watched, drawn, at } = await graspIn(null);
    const { joints, tip_of_tf } = watched.see('panda_hand_tcp');
    expectNear(tip_of_tf, poseAt(panda, 'panda_hand_tcp', joints.position), 1e-9);
    expectNear(drawn, tip_of_tf, 0.003);
    expect(Math.abs(tip_of_tf.position[2] - at[2])).toBeLessThan(0.03);
    expect(() => watched.see('tool_tcp')).toThrow(/hangs on nothing/);
    await watched.cell.stop(() => {});
  });

  it('weighs on the joints of the world, and on what the gate reckons with', async () => {
    const watched = await Watched.start(graph(TOOL));
    const { simulated } = watched.cell;
    await watched.run(0.5);
    const { joints } = watched.see('tool_tcp');
    const [with_tool, without] = [carrying, panda].map((robot) => holding(robot, joints.position));
    const added = joints.effort.map((tau, j) => tau - without[j]);
    for (let j = 1; j < 6; j++)
      expect(Math.abs(added[j] - (with_tool[j] - without[j])), `joint ${j + 1}`).toBeLessThan(0.05);
    expect(Math.hypot(...added)).toBeGreaterThan(1);
    expect(holding(simulated.gate.robot, joints.position)).toEqual(with_tool);
    await watched.cell.stop(() => {});
  });

  it('is kept above the table by the gate where the hand alone may go', { timeout: 60_000 }, async () => {
    const down = async (tool: object | null) => {
      const watched = await Watched.start(graph(tool));
      await watched.run(0.1);
      const goal = downTo(0.03);
      let ended = '';
      watched.cell.bus.sendGoal(ACTIONS.follow_joint_trajectory, goal, {
        onResult: (status) => {
          ended = status;
        },
      });
      let lowest = Number.POSITIVE_INFINITY;
      await watched.run(6, () => {
        lowest = Math.min(lowest, watched.see(tool === null ? 'panda_hand_tcp' : 'tool_tcp').tip_of_tf.position[2]);
        return ended !== '';
      });
      await watched.cell.stop(() => {});
      return { ended, lowest };
    };
    const bare = await down(null);
    expect(bare.ended).toBe('succeeded');
    expect(bare.lowest).toBeCloseTo(0.03, 2);
    const longer = await down(TOOL);
    expect(longer.ended).not.toBe('succeeded');
    // Its tip would be 20 mm under the table; the envelope's floor is at -5 mm.
    expect(longer.lowest).toBeGreaterThan(-0.006);
  });
});
