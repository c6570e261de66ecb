import { z } from 'zod';
import { SERVICES } from '../contracts/index.ts';
import { RosBus, shutdownRos } from '../ros/index.ts';
import { MACHINE_CLOCK } from '../runtime/index.ts';

const config = z.object({ namespace: z.string(), domain_id: z.int().nullable(), wait_s: z.number().positive() });

/** Calls /safety/stop of one graph and tells its parent what came of it; a process, because ROS wants its own environment. */
async function main(): Promise<void> {
  const { namespace, domain_id, wait_s } = config.parse(JSON.parse(process.argv[2]));
  const bus = await RosBus.create({
    node_name: `safety_stop_${process.pid}`,
    namespace,
    ...(domain_id === null ? {} : { domain_id }),
    local_link: false,
    server_wait_s: wait_s,
    onError: (error, where) => process.stderr.write(`${where}: ${String(error)}\n`),
  });
  const begin_s = MACHINE_CLOCK.now_s();
  const called = () => bus.call(SERVICES.safety_stop, {});
  const { success, message } = await called().catch((error: unknown) => ({
    success: false,
    message: error instanceof Error ? error.message : String(error),
  }));
  const answered_s = MACHINE_CLOCK.now_s() - begin_s;
  await new Promise<void>((resolve) => {
    process.send?.({ stopped: success, message, answered_s }, undefined, undefined, () => resolve());
  });
  await bus.shutdown();
  shutdownRos();
  process.exit(0);
}

await main();
