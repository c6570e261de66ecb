import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COLOURS, InputError, OBJECT_CLASSES, type Vector3 } from '../../contracts/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { type Envelope, envelopeForRobot } from '../../safety/index.ts';
import type { Session } from '../access/index.ts';
import type { Place, Welcome, World } from '../protocol/index.ts';

/** Shown until the operator of the cell says where it is. */
export const PHYSICAL_STOP =
  'The emergency stop button of the robot must be within reach of everyone whom the arm can reach.';

/** The robot that a description (URDF) is of: the shipped one of that name, else the text itself. */
export function robotOf(urdf: string): Robot {
  const name = /<robot[^>]*\sname="([^"]+)"/.exec(urdf)?.[1];
  if (name === undefined) throw new InputError('/robot_description', 'the text of a URDF');
  if (name === 'panda') return loadRobot('panda');
  const folder = mkdtempSync(join(tmpdir(), 'surepick-robot-'));
  try {
    const file = join(folder, 'robot.urdf');
    writeFileSync(file, urdf);
    return loadRobot(file, { visualMeshes: false });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface WelcomeParts {
  readonly robot: Robot;
  readonly envelope?: Envelope;
  readonly world: World;
  readonly places: readonly Place[];
  readonly jog: Welcome['jog'];
  readonly limits: Welcome['limits'];
}

/** What a page is told first. */
export function welcome(session: Session, parts: WelcomeParts): Welcome {
  const { robot, world, places, jog, limits } = parts;
  const envelope = parts.envelope ?? envelopeForRobot(robot);
  const n = robot.arm_joints;
  return {
    type: 'welcome',
    session: { id: session.id, user: session.user, role: session.role },
    world,
    joints: {
      names: robot.model.joint_names,
      lower_rad: envelope.joints.map(({ position_lower_rad }) => position_lower_rad).slice(0, n),
      upper_rad: envelope.joints.map(({ position_upper_rad }) => position_upper_rad).slice(0, n),
    },
    jog,
    gripper:
      robot.gripper === null
        ? null
        : { max_width_m: robot.gripper.max_width_m, max_force_N: robot.gripper.max_force_N },
    places,
    objects: COLOURS.flatMap((colour) => OBJECT_CLASSES.map((name) => ({ class: name, colour }))),
    zones: zonesOf(envelope),
    limits,
    physical_stop: PHYSICAL_STOP,
  };
}

function zonesOf({ workspace, keep_out }: Envelope): Welcome['zones'] {
  const kept_out = keep_out.map(({ id, pose, shape }) => {
    return { name: id, kind: 'keep_out' as const, pose, size: sizeOf(shape) };
  });
  if (workspace === null) return kept_out;
  const { lower_m: low, upper_m: high } = workspace;
  const position = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2] as const;
  const size = [high[0] - low[0], high[1] - low[1], high[2] - low[2]] as const;
  const pose = { position, orientation: [0, 0, 0, 1] as const };
  return [{ name: 'workspace of the tool', kind: 'workspace', pose, size }, ...kept_out];
}

/** Of the box around a shape in its own frame, m. */
function sizeOf(shape: Envelope['keep_out'][number]['shape']): Vector3 {
  switch (shape.type) {
    case 'box':
      return shape.size;
    case 'sphere':
      return [2 * shape.radius, 2 * shape.radius, 2 * shape.radius];
    case 'cylinder':
      return [2 * shape.radius, 2 * shape.radius, shape.length];
    case 'capsule':
      return [2 * shape.radius, 2 * shape.radius, shape.length + 2 * shape.radius];
  }
}
