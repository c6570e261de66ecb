import { TOPICS } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';
import { Periodic } from '../periodic.ts';
import { SwingingPolicy } from './swinging_policy.ts';

const PERIOD_S = 0.02;
const LIMIT = 1;

/** A policy sees what it was not trained on, and says so by its score. */
export const policy_unknown_input: Drill = {
  name: 'policy_unknown_input',
  title: 'the out-of-distribution score of a policy is three times its limit',
  declared: 'policy_unknown_input',
  moment: 'policy',
  says: /out-of-distribution/,
  lasting: true,
  embedded: ({ bus, clock, robot }) => {
    let ood_score = 0.3 * LIMIT;
    new Periodic(clock, PERIOD_S, (stamp_ns) =>
      bus.publish(TOPICS.policy_status, {
        ...{ stamp_ns, policy: 'drilled_policy', model_sha256: '' },
        ...{ ood_score, ood_limit: LIMIT },
      }),
    );
    return {
      policy: new SwingingPolicy(robot.limits.velocity.slice(0, robot.arm_joints)),
      begin: () => {
        ood_score = 3 * LIMIT;
      },
      end: () => {
        ood_score = 0.3 * LIMIT;
      },
    };
  },
};
