import { TOPICS } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';
import { withParameters } from '../graph_change.ts';
import { Periodic } from '../periodic.ts';

const NODE = 'drilled_planner';
const PERIOD_S = 0.02;
const TIMEOUT_S = 0.5;

/** A planner on another machine hangs: its heartbeats end, and what it would say next never comes. */
export const planner_silent: Drill = {
  name: 'planner_silent',
  title: 'a planner that is heard over the bus stops beating',
  declared: 'planner_silent',
  moment: 'moving',
  says: new RegExp(NODE),
  lasting: true,
  prepare: (cell) => withParameters(cell, 'safety', { monitors: { planners: [NODE] } }),
  embedded: ({ bus, clock }) => {
    let sequence = 0;
    const beats = new Periodic(clock, PERIOD_S, (stamp_ns) =>
      bus.publish(TOPICS.heartbeats, { stamp_ns, node: NODE, sequence: ++sequence, timeout_s: TIMEOUT_S }),
    );
    return { begin: () => beats.pause(), end: () => beats.start() };
  },
};
