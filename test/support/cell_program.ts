import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadRobot } from '../../robots/index.ts';
import { RealTimeControl, SimulatedArmProcess } from '../../runtime/index.ts';

/** A control process with an arm of its own, which it keeps moving; says the ids of its processes, and ends by SIGINT. */
async function main(log_file: string): Promise<void> {
  const robot = loadRobot('panda');
  const arm = await SimulatedArmProcess.start({ robot, hz: 500, log_file });
  const control = await RealTimeControl.start({ robot: robot.name, hz: 500, arm: arm.link });
  let ending = false;
  process.on('SIGINT', async () => {
    ending = true;
    await control.close();
    await arm.close();
    process.exit(130);
  });
  writeSync(1, `${JSON.stringify([process.pid, arm.pid, control.supervisor.pid])}\n`);
  const names = robot.model.joint_names.slice(0, robot.arm_joints);
  for (let turn = 1; !ending; await sleep(10)) {
    const { mode, arm_phase, at_rest, reference, follower_phase } = control.state();
    const stopped = mode === 'protective_stop' || arm_phase !== 'following';
    if (stopped && at_rest) await control.reset().catch(() => {});
    if (mode !== 'automatic' || follower_phase !== 'idle') continue;
    turn = -turn;
    const position = Float64Array.of(...reference, ...reference.map((q, i) => (i === 0 ? 0.4 * turn : q)));
    const still = new Float64Array(2 * names.length);
    const trajectory = { joint_names: names, time_s: Float64Array.of(0, 1), position, velocity: still };
    await control.startTrajectory({ ...trajectory, acceleration: still }).catch(() => {});
  }
}

await main(process.argv[2]);
