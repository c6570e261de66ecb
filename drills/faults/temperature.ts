import { TOPICS } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';
import { Periodic } from '../periodic.ts';

const PERIOD_S = 0.1;
const COOL_C = 45;
const WARM_C = 75;

/** A joint's motor becomes warm, as its driver reports by /dynamic_joint_states. */
export const temperature: Drill = {
  name: 'temperature',
  title: `a joint reports ${WARM_C} °C`,
  declared: 'temperature',
  moment: 'moving',
  says: /°C/,
  lasting: true,
  embedded: ({ bus, clock, robot }) => {
    const [name] = robot.model.joint_names;
    let value = COOL_C;
    new Periodic(clock, PERIOD_S, (stamp_ns) =>
      bus.publish(TOPICS.dynamic_joint_states, {
        stamp_ns,
        joints: [{ name, values: [{ interface: 'temperature', value }] }],
      }),
    );
    return {
      begin: () => {
        value = WARM_C;
      },
      end: () => {
        value = COOL_C;
      },
    };
  },
};
