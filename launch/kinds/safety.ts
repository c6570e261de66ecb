import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, SERVICES } from '../../contracts/index.ts';
import { safetyParameters } from '../../runtime/index.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';

/** Longest wait for standstill after a stop was asked for; the arm's verified stop is over long before (s). */
const REST_WAIT_S = 3;
const POLL_MS = 10;

export const safety = nodeKind({
  name: 'safety',
  description: 'The supervisor: grants motion, watches every process, serves /safety',
  parameters: safetyParameters,
  busy_s: 2,
  realtime: true,
  alone: true,
  in_cell: true,
  channels: ['observation', 'grant'],
  async build({ name, parameters, channels, heard, stopsArm }) {
    const { SafetySupervisorNode } = await import('../../runtime/index.ts');
    if (channels === null) throw new InputError('safety', 'has channels only where it is a process of its own');
    const { observation, grant } = channels;
    return new LateNode(name, async ({ bus }) => {
      const node = new SafetySupervisorNode({
        gate: { observation, grant },
        processes: heard,
        parameters: parameters(),
      });
      stopsArm(async () => {
        await bus.call(SERVICES.safety_stop, {});
        const until_ms = performance.now() + 1000 * REST_WAIT_S;
        // A gate that is gone has left the arm to its own watchdog.
        while (node.view?.gate_alive === true && node.view.gate?.at_rest === false && performance.now() < until_ms)
          await sleep(POLL_MS);
      });
      return { nodes: [node] };
    });
  },
});
