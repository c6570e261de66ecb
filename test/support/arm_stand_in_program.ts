import { z } from 'zod';
import { RosBus, shutdownRos } from '../../ros/index.ts';
import { Deadlines, MACHINE_CLOCK, MotionLog, Sleeper } from '../../runtime/index.ts';
import { ArmStandIn, armStandInOptions } from './arm_stand_in.ts';
import type { StandInReport } from './stand_in_report.ts';

const config = z.strictObject({
  stand_in: armStandInOptions,
  node_name: z.string(),
  namespace: z.string(),
  log_file: z.string().nullable(),
});

const REPORT_CYCLES = 100;

/**
 * An arm under ros2_control as a process of its own on ROS 2. SIGTERM, or the end of its parent, ends it; it then writes what
 * the arm did: RecordedMotion, one row an update, on the machine's clock.
 */
async function main(): Promise<void> {
  const { stand_in, node_name, namespace, log_file } = config.parse(JSON.parse(process.argv[2]));
  const errors: string[] = [];
  const bus = await RosBus.create({
    node_name,
    namespace,
    onError: (error, where) => void errors.push(`${where}: ${error instanceof Error ? error.message : String(error)}`),
  });
  const arm = new ArmStandIn(stand_in, bus, bus.clock);
  const log = log_file === null ? null : new MotionLog(arm.robot.arm_joints);
  const sleeper = new Sleeper(MACHINE_CLOCK);
  const deadlines = new Deadlines(1 / stand_in.hz);
  let ending = false;
  let late_updates = 0;
  process.on('SIGTERM', () => {
    ending = true;
  });
  process.on('SIGINT', () => {});
  process.on('disconnect', () => {
    ending = true;
  });
  process.on('error', () => {});
  const report = (): StandInReport => ({
    trajectories: arm.trajectory.taken,
    refused: arm.trajectory.refused,
    refusal: arm.trajectory.refusal,
    forward_commands: arm.forward_taken,
    moving: arm.moving,
    late_updates,
    errors,
  });
  const tell = () => {
    if (process.connected) process.send?.(report(), () => {});
  };
  const turn = () => {
    const now_s = sleeper.until(deadlines.next_s);
    deadlines.begin(now_s);
    const due = deadlines.passed(now_s);
    if (due > arm.cycles + 1) late_updates++;
    while (arm.cycles < due) {
      arm.step(Math.max(0, MACHINE_CLOCK.now_s() - deadlines.time_s(arm.cycles + 1)));
      const { q, v } = arm.hardware;
      const n = arm.robot.arm_joints;
      const sequence = stand_in.active === 'forward' ? arm.forward_taken : arm.trajectory.taken;
      log?.add(
        deadlines.time_s(arm.cycles),
        sequence,
        arm.moving ? 'following' : 'holding',
        q.subarray(0, n),
        v.subarray(0, n),
      );
      if (arm.cycles % REPORT_CYCLES === 0) tell();
    }
    if (!ending) {
      setImmediate(turn);
      return;
    }
    if (log_file !== null) log?.write(log_file);
    tell();
    arm.close();
    void bus
      .shutdown()
      .then(() => shutdownRos())
      .then(() => process.exit(0));
  };
  deadlines.start(MACHINE_CLOCK.now_s());
  process.send?.('ready', () => {});
  setImmediate(turn);
}

await main();
