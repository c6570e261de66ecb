import type { PickPlaceGoal } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { createTask, type SceneModel } from '../../sim/index.ts';
import type { SimCell } from '../cell.ts';
import { createActionMap } from '../env/actions.ts';
import { DrivenCell } from '../env/driven_cell.ts';
import { isWanted } from '../env/goal.ts';
import { proprioceptionLayout, stateLayout } from '../env/layout.ts';
import type { SeatPictures } from '../learned/pictures.ts';
import type { MotionRows } from './motion_rows.ts';
import type { OpenPolicy } from './open_offered.ts';
import { OperatorMotion } from './operator_motion.ts';
import { farFromHome, PAUSED, type PolicyArm, type PolicyPlace, type TaskTime, wrongMode } from './policy_arm.ts';
import { PolicyEyes, type PolicySeeing } from './policy_eyes.ts';

export interface CellPlaceParts {
  readonly robot: Robot;
  readonly cell: SimCell;
  readonly scene: SceneModel;
  readonly policies: readonly OpenPolicy[];
  readonly seeing: PolicySeeing;
}

/** A simulated cell whose loop a policy's commands go to directly. */
export class CellPlace implements PolicyPlace {
  private readonly parts: CellPlaceParts;
  private readonly eyes: ReadonlyMap<OpenPolicy, PolicyEyes | null>;

  constructor(parts: CellPlaceParts) {
    const { robot, cell, scene, policies, seeing } = parts;
    this.parts = parts;
    this.eyes = new Map(
      policies.map((open) => [open, PolicyEyes.open(open.policy, robot, scene, seeing, cell.engine)]),
    );
  }

  refusalOf(_open: OpenPolicy): string {
    const { robot, cell } = this.parts;
    const { gate, loop } = cell;
    const refused = wrongMode(gate.mode, gate.selectedMode);
    if (refused !== '') return refused;
    if (loop.follower.active) return 'a trajectory is being followed; cancel it first';
    return farFromHome(gate.lastCommand.position, robot.home_q, robot.arm_joints);
  }

  begin(open: OpenPolicy, goal: PickPlaceGoal, time: TaskTime): PolicyArm {
    const { robot, cell, scene } = this.parts;
    return new CellArm({ robot, cell, scene, open, goal, time, eyes: this.eyes.get(open) ?? null });
  }
}

export interface CellArmParts extends Pick<CellPlaceParts, 'robot' | 'cell' | 'scene'> {
  readonly open: OpenPolicy;
  readonly goal: PickPlaceGoal;
  readonly time: TaskTime;
  /** Null where the policy is told where everything is. */
  readonly eyes: PolicyEyes | null;
}

/** The arm of a simulated cell, which a policy drives in the cell's own loop. */
export class CellArm implements PolicyArm {
  readonly world: DrivenCell;
  private readonly parts: CellArmParts;
  private readonly wanted: number;
  private readonly object = new Float64Array(13);

  /** Throws InputError where the object is not in the scene. */
  constructor(parts: CellArmParts) {
    const { robot, cell, scene, open, goal, time } = parts;
    const { action, policy_hz, observation: sees } = open.policy.environment;
    const task = createTask('pick-place');
    const order = { task: 'pick-place', ...goal } as const;
    const layout =
      sees === 'state'
        ? stateLayout(robot, 'pick-place', task.spec.objects[1])
        : proprioceptionLayout(robot, 'pick-place');
    this.parts = parts;
    this.world = new DrivenCell({
      ...{ robot, cell, instance: task.restore(scene, order), time_limit_s: task.time_limit_s, layout, sees },
      ...{ actions: createActionMap(action, robot, 1 / policy_hz), time_s: () => time.time_s },
    });
    this.wanted = scene.objects.findIndex((object) => isWanted(order, object));
  }

  get stopped(): string {
    return this.parts.cell.stopped;
  }

  get lost(): string {
    return this.parts.cell.loop.follower.active ? 'somebody else moves the arm' : '';
  }

  get share(): number {
    const { loop, gate } = this.parts.cell;
    return loop.follower.speed * gate.pace;
  }

  get waits(): string {
    return PAUSED;
  }

  get atRest(): boolean {
    return this.parts.cell.gate.atRest;
  }

  drive(): void {
    this.parts.cell.drive(this.world.servo);
  }

  hold(): void {
    this.parts.cell.drive(null);
  }

  release(): void {
    this.parts.cell.release();
  }

  pictures(): SeatPictures | null {
    return this.parts.eyes?.look(this.parts.cell.engine) ?? null;
  }

  locate(out: Float64Array): boolean {
    this.parts.cell.told.objectState(this.wanted, this.object, 0);
    out.set(this.object.subarray(0, 3));
    return true;
  }

  operatorMotion(rows: MotionRows): OperatorMotion {
    const { robot, cell, open, time: clock } = this.parts;
    return new OperatorMotion({ robot, cell, open, driven: this.world, clock, rows });
  }
}
