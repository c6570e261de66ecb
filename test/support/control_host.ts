import { z } from 'zod';
import { jointTrajectory } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { channelSchema, RealTimeControl } from '../../runtime/index.ts';
import { envelopeForRobot, separationSection } from '../../safety/index.ts';

/** What the program below is asked, over its message channel. */
const hostOrder = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('state') }),
  z.strictObject({ kind: z.literal('move'), trajectory: jointTrajectory }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('lose_lease') }),
  z.strictObject({ kind: z.literal('restart_supervisor') }),
  z.strictObject({ kind: z.literal('trace'), from: z.number() }),
  z.strictObject({ kind: z.literal('end') }),
]);
export type HostOrder = z.infer<typeof hostOrder>;

const config = z.strictObject({
  robot: z.string(),
  hz: z.number(),
  command: channelSchema,
  state: channelSchema,
  /** Channels to a supervisor that others start, all or none; without, it has one of its own. */
  observation: channelSchema.optional(),
  grant: channelSchema.optional(),
  bodies: channelSchema.optional(),
  /** What the envelope says of tracked bodies. */
  separation: separationSection.optional(),
});

/** A control process that does what its parent asks, and ends with it. */
async function main(): Promise<void> {
  const { robot, hz, command, state, separation, ...link } = config.parse(JSON.parse(process.argv[2]));
  const { observation, grant, bodies } = link;
  const own = envelopeForRobot(loadRobot(robot, { visualMeshes: false }));
  const control = await RealTimeControl.start({
    ...{ robot, hz, arm: { command, state } },
    ...(separation === undefined ? {} : { envelope: { ...own, separation } }),
    ...(observation && grant && bodies ? { supervised_by: { observation, grant, bodies } } : {}),
  });
  const answer = (ok: boolean, value: unknown) => process.send?.({ ok, value });
  const obey = async (order: HostOrder): Promise<unknown> => {
    switch (order.kind) {
      case 'state':
        return { ...control.state(), supervisor_pid: control.supervisor.pid };
      case 'move':
        return control.startTrajectory(order.trajectory);
      case 'reset':
        return control.reset();
      case 'lose_lease':
        return control.supervisor.requestStop();
      case 'restart_supervisor':
        return control.supervisor.start();
      case 'trace':
        return control.trace(order.from);
      case 'end':
        await control.close();
        return process.disconnect();
    }
  };
  process.on('message', (message) => {
    obey(hostOrder.parse(message)).then(
      (value) => answer(true, value),
      (error: unknown) => answer(false, error instanceof Error ? error.message : String(error)),
    );
  });
  process.on('disconnect', () => process.exit(0));
  answer(true, 'ready');
}

await main();
