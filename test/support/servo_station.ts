import { CollisionWorld } from '../../collision/index.ts';
import {
  InProcessBus,
  type Log,
  type ServoStatusMessage,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
  type TwistStamped,
} from '../../contracts/index.ts';
import { CollisionSlowdown, ControlLoop, Servo, ServoNode, servoOn } from '../../control/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { envelopeForRobot, envelopeLimits, SafetyGate, Supervisor } from '../../safety/index.ts';
import { SimpleDriver } from './simple_driver.ts';

export const STATION_ROBOT = loadRobot('panda');
const HZ = 500;
const ENVELOPE = envelopeForRobot(STATION_ROBOT);
export const STATION_LIMITS = envelopeLimits(ENVELOPE);

/** Loop, safety gate and servo on a bus and a simulated clock, a wall at y = 0.45 m. */
export async function startServoStation() {
  const bus = new InProcessBus({ validate: true });
  const clock = new SimClock();
  const driver = new SimpleDriver(STATION_ROBOT);
  const gate = new SafetyGate(ENVELOPE, STATION_ROBOT, HZ);
  const supervisor = new Supervisor();
  const loop = new ControlLoop({ robot: STATION_ROBOT, driver, gate, supervisor });
  const world = new CollisionWorld(STATION_ROBOT);
  world.setObstacles([
    {
      name: 'wall',
      shape: { type: 'box', size: [2, 0.1, 2] },
      pose: { position: [0, 0.5, 0.5], orientation: [0, 0, 0, 1] },
    },
  ]);
  const servo = new Servo(STATION_ROBOT, HZ, { limits: STATION_LIMITS }, new CollisionSlowdown(STATION_ROBOT, world));
  const node = new ServoNode(servoOn(loop, servo));
  const warnings: string[] = [];
  const log: Log = { ...SILENT_LOG, warn: (fields) => void warnings.push(String(Object(fields).reason)) };
  await node.configure({ bus, clock, log });
  const statuses: ServoStatusMessage[] = [];
  bus.subscribe(TOPICS.servo_status, 'test', (status) => {
    statuses.push(status);
  });
  node.activate();
  let cycle = 0;
  const run = async (cycles: number, twist?: Omit<TwistStamped, 'stamp_ns'>, every = 10) => {
    for (let k = 0; k < cycles; k++) {
      cycle++;
      clock.advance(secondsToStamp(cycle / HZ));
      if (twist !== undefined && k % every === 0) {
        bus.publish(TOPICS.servo_twist, { stamp_ns: clock.now_ns(), ...twist });
        await Promise.resolve();
      }
      loop.tick(cycle / HZ);
      node.afterTick();
    }
  };
  await run(5);
  return { bus, clock, driver, gate, loop, node, servo, statuses, warnings, run };
}
