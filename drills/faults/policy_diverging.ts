import type { Drill } from '../drill.ts';
import { SwingingPolicy } from './swinging_policy.ts';

/** A policy that has left what it knows and commands more than any arm can follow. */
export const policy_diverging: Drill = {
  name: 'policy_diverging',
  title: 'a policy commands five times the speed limits, to and fro',
  declared: 'policy_diverging',
  moment: 'policy',
  says: /commands of a policy/,
  lasting: false,
  embedded: ({ robot }) => {
    const policy = new SwingingPolicy(robot.limits.velocity.slice(0, robot.arm_joints));
    return {
      policy,
      begin: () => {
        policy.diverges = true;
      },
      end: () => {
        policy.diverges = false;
      },
    };
  },
};
