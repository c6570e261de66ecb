import { childrenOf, parseXml } from '../../robots/index.ts';

/** What a robot's description allows a joint; infinite where it says nothing. */
export interface KnownLimits {
  /** rad (m). */
  readonly lower: number;
  readonly upper: number;
  /** rad/s (m/s). */
  readonly velocity: number;
  /** Nm (N). */
  readonly effort: number;
  readonly slides: boolean;
}

/** Limits of every joint of a URDF, by name; none where the text is no URDF. */
export function jointLimitsOf(urdf: string): ReadonlyMap<string, KnownLimits> {
  let joints: ReturnType<typeof childrenOf>;
  try {
    joints = childrenOf(parseXml(urdf, 'robot description', 'a URDF'), 'joint');
  } catch {
    return new Map();
  }
  return new Map(
    joints.flatMap((joint) => {
      const { name, type } = joint.attributes;
      if (name === undefined || type === 'fixed') return [];
      const { lower, upper, velocity, effort } = childrenOf(joint, 'limit')[0]?.attributes ?? {};
      const endless = type === 'continuous';
      const limits: KnownLimits = {
        lower: endless ? -Infinity : number(lower, -Infinity),
        upper: endless ? Infinity : number(upper, Infinity),
        velocity: number(velocity, Infinity),
        effort: number(effort, Infinity),
        slides: type === 'prismatic',
      };
      return [[name, limits]];
    }),
  );
}

function number(text: string | undefined, otherwise: number): number {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? otherwise : value;
}

/** Joints of a gripper, by the names that makers give them. */
export const isGripper = (joint: string): boolean => /finger|gripper|knuckle|jaw|robotiq|hand_e/i.test(joint);
