/** Serves actions and services for a peer that we did not write, until stdin ends; prints what it was told. */
import { ACTIONS, type GoalHandle, SERVICES, type TrajectoryResult } from '../../contracts/index.ts';
import { RosBus } from '../../ros/index.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const bus = await RosBus.create({
  node_name: 'served',
  onError: (error, where) => say(`error ${where}: ${String(error)}`),
});

type Follower = GoalHandle<{ time_s: number; max_error_rad: number }, TrajectoryResult>;
let current: Follower | null = null;
const result = (ok: boolean, reason: string): TrajectoryResult => ({
  ok,
  reason,
  final_error_rad: 0.001,
  ...(ok ? {} : { error: 'invalid_goal' as const }),
});

/** Ends after as many steps of 20 ms as the trajectory's last time asks for; a new goal takes the place of the old one. */
bus.serveAction(ACTIONS.follow_joint_trajectory, ({ trajectory: { time_s, position } }, handle) => {
  if (position.some((angle) => Math.abs(angle) > 3)) {
    handle.abort(result(false, 'joint a = 4 rad: at most 3 rad'));
    return;
  }
  current?.abort(result(false, 'replaced by a newer goal'));
  current = handle;
  const steps = Math.round(time_s[time_s.length - 1] / 0.02);
  let step = 0;
  const end = (finish: () => void) => {
    clearInterval(timer);
    if (current === handle) current = null;
    finish();
  };
  const timer = setInterval(() => {
    if (current !== handle) {
      clearInterval(timer);
      return;
    }
    handle.feedback({ time_s: 0.02 * ++step, max_error_rad: 0.01 });
    if (step >= steps) end(() => handle.succeed(result(true, '')));
  }, 20);
  handle.onCancel(() => end(() => handle.abort(result(false, 'cancelled'))));
});

bus.serve(SERVICES.set_speed, ({ speed }) => ({ success: true, message: `speed ${speed}` }));
bus.serve(SERVICES.safety_stop, () => {
  throw new Error('the supervisor does not answer');
});
say('ready');
process.stdin.resume().on('end', () => void bus.shutdown());
