import { TOPICS } from '../../contracts/index.ts';
import { parametersOfKind, safety } from '../../launch/index.ts';
import type { Drill } from '../drill.ts';
import { withParameters } from '../graph_change.ts';
import { Periodic } from '../periodic.ts';

const SOURCE = 'drilled_interlock';
const PERIOD_S = 0.02;

/** A plant's input module that has to be heard stops sending, as when its cable is cut. */
export const external_silent: Drill = {
  name: 'external_silent',
  title: 'a source of stop and safeguard inputs falls silent',
  // The timeout, and a period of the source and of the look at it.
  declared: (cell) => ({
    within_s: parametersOfKind(cell, safety).external_timeout_s + PERIOD_S + 0.02,
    degradation: 'stop',
  }),
  moment: 'moving',
  says: new RegExp(`^${SOURCE} is silent$`),
  lasting: true,
  prepare: (cell) => withParameters(cell, 'safety', { external: [SOURCE] }),
  embedded: ({ bus, clock }) => {
    const source = new Periodic(clock, PERIOD_S, (stamp_ns) =>
      bus.publish(TOPICS.external_inputs, {
        ...{ stamp_ns, source: SOURCE, protective_stop: false, safeguard_open: false, emergency_stop: false },
        enabling_device: 'none',
      }),
    );
    return { begin: () => source.pause(), end: () => source.start() };
  },
};
