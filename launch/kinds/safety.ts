import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { InputError, SERVICES } from '../../contracts/index.ts';
import { safetyParameters } from '../../runtime/index.ts';
import { type CommissioningRecord, commissioningPermit, parseCommissioningRecord } from '../../safety/index.ts';
import { armIdentity } from './arm_identity.ts';
import { control } from './control.ts';
import { envelopeOf, readJsonFile } from './envelope_file.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';

/** Longest wait for standstill after a stop was asked for; the arm's verified stop is over long before (s). */
const REST_WAIT_S = 3;
const POLL_MS = 10;

export const safety = nodeKind({
  name: 'safety',
  description: 'The supervisor: grants motion, watches every process, serves /safety',
  parameters: safetyParameters.extend({
    commissioning: z
      .string()
      .default('')
      .describe(
        'Record that surepick commission wrote; a real arm without one goes at 50 mm/s, a simulated one needs none',
      ),
    serial: z.string().default('').describe('Serial number of the arm, as in its record'),
    under_commissioning: z
      .boolean()
      .default(false)
      .describe('A stage of commissioning asks, which needs its own speed'),
  }),
  busy_s: 2,
  realtime: true,
  pictures: false,
  alone: true,
  in_cell: true,
  channels: ['observation', 'grant'],
  async build({ name, robot, robot_name, parameters, parametersOf, channels, heard, stopsArm }) {
    const { SafetySupervisorNode } = await import('../../runtime/index.ts');
    if (channels === null) throw new InputError('safety', 'has channels only where it is a process of its own');
    const { observation, grant } = channels;
    return new LateNode(name, async ({ bus }) => {
      const { commissioning, serial, under_commissioning, ...own } = parameters();
      const { driver, envelope } = parametersOf(control);
      const arm = () =>
        armIdentity({ ...{ robot, robot_name, driver, serial }, envelope: envelopeOf(envelope, robot) });
      // Read again at every reset: a stage of commissioning that is passed opens the next speed.
      const read = () => {
        const none = commissioning === '' || (under_commissioning && !existsSync(commissioning));
        return commissioningPermit(none ? null : recordOf(commissioning), arm(), under_commissioning);
      };
      const permit = driver === 'sim' ? {} : { permit: read };
      const gate = { observation, grant };
      const node = new SafetySupervisorNode({ gate, processes: heard, parameters: own, ...permit });
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

function recordOf(file: string): CommissioningRecord {
  return parseCommissioningRecord(readJsonFile(file, 'commissioning record', 'surepick commission writes it'), file);
}
