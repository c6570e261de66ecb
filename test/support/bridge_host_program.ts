import { z } from 'zod';
import { jointTrajectory, SILENT_LOG } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { RosBus, shutdownRos } from '../../ros/index.ts';
import {
  COMMAND_HISTORY,
  openArmLink,
  RealTimeControl,
  Ros2ControlBridge,
  ros2ControlOptions,
} from '../../runtime/index.ts';
import type { BridgeOrder } from './bridge_host.ts';

const config = z.strictObject({ robot: z.string(), hz: z.number(), bridge: ros2ControlOptions });

const bridgeOrder: z.ZodType<BridgeOrder> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('state') }),
  z.strictObject({ kind: z.literal('move'), trajectory: jointTrajectory }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('end') }),
  z.strictObject({ kind: z.literal('block'), seconds: z.number() }),
]);

/** A control process whose arm is under ros2_control: it does what its parent asks, and ends with it. */
async function main(): Promise<void> {
  const { robot: name, hz, bridge: options } = config.parse(JSON.parse(process.argv[2]));
  const robot = loadRobot(name, { visualMeshes: false });
  const link = openArmLink(robot, COMMAND_HISTORY);
  const bus = await RosBus.create({
    node_name: 'bridge_host',
    onError: (error, where) => process.stderr.write(`${where}: ${String(error)}\n`),
  });
  const bridge = new Ros2ControlBridge(options, robot, hz, link);
  await bridge.configure({ bus, clock: bus.clock, log: SILENT_LOG });
  bridge.activate();
  const give_up_ms = performance.now() + 20_000;
  while (bridge.status().problem !== '') {
    if (performance.now() > give_up_ms) throw new Error(bridge.status().problem);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const control = await RealTimeControl.start({ robot: name, hz, arm: link });
  const answer = (ok: boolean, value: unknown) => process.send?.({ ok, value });
  const obey = async (order: BridgeOrder): Promise<unknown> => {
    switch (order.kind) {
      case 'state':
        return { ...control.state(), supervisor_pid: control.supervisor.pid, bridge: bridge.status() };
      case 'move':
        return control.startTrajectory(order.trajectory);
      case 'reset':
        return control.reset();
      case 'block':
        // The main thread at other work.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000 * order.seconds);
        return null;
      case 'end':
        await control.close();
        bridge.deactivate();
        await bridge.cleanup();
        await bus.shutdown();
        shutdownRos();
        return process.disconnect();
    }
  };
  process.on('message', (message) => {
    obey(bridgeOrder.parse(message)).then(
      (value) => answer(true, value),
      (error: unknown) => answer(false, error instanceof Error ? error.message : String(error)),
    );
  });
  process.on('disconnect', () => process.exit(0));
  answer(true, 'ready');
}

await main();
