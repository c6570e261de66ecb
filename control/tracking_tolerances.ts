import { InputError, type TrajectoryTolerances } from '../contracts/index.ts';

/** How far each joint may be from its trajectory on the way and at the goal, and how long arriving may take. */
export class TrackingTolerances {
  /** One entry a joint, rad. */
  readonly path_rad: Float64Array;
  readonly goal_rad: Float64Array;
  goal_time_s = 0;
  private readonly joint_names: readonly string[];

  constructor(joint_names: readonly string[]) {
    this.joint_names = joint_names;
    this.path_rad = new Float64Array(joint_names.length);
    this.goal_rad = new Float64Array(joint_names.length);
  }

  /** The defaults, with a goal's own for the joints it names. Throws InputError for what is no tolerance, changing nothing. */
  set(path_rad: number, goal_rad: number, goal_time_s: number, own: TrajectoryTolerances = {}): void {
    this.check('path_rad', own.path_rad ?? {});
    this.check('goal_rad', own.goal_rad ?? {});
    if (!((own.goal_time_s ?? 0) >= 0))
      throw new InputError(`goal_time_s ${own.goal_time_s}`, 'a number of at least 0');
    for (let i = 0; i < this.joint_names.length; i++) {
      this.path_rad[i] = own.path_rad?.[this.joint_names[i]] ?? path_rad;
      this.goal_rad[i] = own.goal_rad?.[this.joint_names[i]] ?? goal_rad;
    }
    this.goal_time_s = own.goal_time_s ?? goal_time_s;
  }

  private check(what: string, own: Readonly<Record<string, number>>): void {
    for (const [joint, value] of Object.entries(own)) {
      if (!this.joint_names.includes(joint)) {
        throw new InputError(`tolerance ${what} of ${joint}`, `must be for one of ${this.joint_names.join(', ')}`);
      }
      if (!(value > 0)) throw new InputError(`tolerance ${what} ${value} of ${joint}`, 'a number above 0, in rad');
    }
  }
}
