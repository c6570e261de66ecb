import { randomInt } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { ContactDetector, type ContactDetectorOptions, type ContactReaction } from '../control/index.ts';
import { loadRobot, type Robot, type ToolChange, withTool } from '../robots/index.ts';
import { documentHash, type Envelope, envelopeDocument, JournalledGate, SafetyGate } from '../safety/index.ts';
import { ArmDriver } from './arm_driver.ts';
import { BodyChannelReader } from './body_channel.ts';
import { type Channel, ChannelReader, ChannelWriter } from './channel.ts';
import { ControlCore } from './control_core.ts';
import type { ControlMemory } from './control_memory.ts';
import { Deadlines } from './deadlines.ts';
import { JournalRingWriter } from './journal_ring.ts';
import { LeaseChannel } from './lease_channel.ts';
import { MACHINE_CLOCK } from './monotonic_clock.ts';
import { REALTIME, tryRealtime } from './realtime.ts';
import { Sleeper } from './sleeper.ts';

/** How the arm is watched for contact with what nobody knows of, and whether such contact stops it until a reset. */
export interface ContactWatch extends Partial<ContactDetectorOptions> {
  readonly stop: boolean;
}

/** Handed to the control thread once. */
export interface ControlSetup {
  readonly robot: string;
  readonly hz: number;
  /** Seconds of the arm's time a second; below 1 for a simulated arm that is slowed down. */
  readonly pace: number;
  /** As it was read: of another tool its limits are for that one's tip. */
  readonly envelope: Envelope;
  readonly command: Channel;
  readonly state: Channel;
  readonly observation: Channel;
  readonly grant: Channel;
  /** Null where nobody tells of tracked bodies. */
  readonly bodies: Channel | null;
  readonly memory: ControlMemory;
  /** Where the gate's journal goes; null where none is kept. */
  readonly journal: SharedArrayBuffer | null;
  /** Null for the tool that the robot came with. */
  readonly tool: ToolChange | null;
  /** Null where nothing watches. */
  readonly contact: ContactWatch | null;
}

const ARM_WAIT_S = 2;
/** An end waits so long for the arm to come to rest. */
const END_WAIT_S = 2;

/**
 * Body of the control thread: driver, controller and safety gate, and nothing else. It never returns to its event loop;
 * what it exchanges goes through shared memory and channels.
 */
function main(setup: ControlSetup): void {
  tryRealtime(REALTIME.control);
  const sleeper = new Sleeper(MACHINE_CLOCK);
  const deadlines = new Deadlines(1 / (setup.hz * setup.pace));
  const bare = loadRobot(setup.robot, { visualMeshes: false });
  const robot = setup.tool === null ? bare : withTool(bare, setup.tool);
  const states = new ChannelReader(setup.state);
  const driver = new ArmDriver(robot, new ChannelWriter(setup.command), states, randomInt(1, 2 ** 47));
  const give_up_s = MACHINE_CLOCK.now_s() + ARM_WAIT_S;
  for (driver.read(); driver.silent > 0; driver.read()) {
    if (MACHINE_CLOCK.now_s() > give_up_s) throw new Error(`the arm did not report within ${ARM_WAIT_S} s`);
    sleeper.until(MACHINE_CLOCK.now_s() + deadlines.period_s);
  }
  const gate = gateOf(setup, robot);
  const lease = new LeaseChannel(setup.observation, setup.grant);
  lease.tellEnvelope(documentHash(envelopeDocument(setup.envelope)));
  const bodies = setup.bodies === null ? null : new BodyChannelReader(setup.bodies);
  const dropped = () => states.torn + states.foreign + lease.grants.torn + lease.grants.foreign;
  const { memory } = setup;
  const core = new ControlCore({ robot, driver, gate, lease, bodies, memory, dropped, contact: watcher(setup, robot) });
  parentPort?.postMessage('ready');
  deadlines.start(MACHINE_CLOCK.now_s());
  let end_s = Number.POSITIVE_INFINITY;
  while (!core.ended && deadlines.next_s < end_s) {
    const now_s = sleeper.until(deadlines.next_s);
    deadlines.begin(now_s);
    core.cycle(now_s, deadlines);
    if (core.ending && end_s === Number.POSITIVE_INFINITY) end_s = now_s + END_WAIT_S;
  }
  if (gate instanceof JournalledGate) gate.flushJournal();
}

function gateOf({ envelope: read, hz, journal, tool }: ControlSetup, robot: Robot): SafetyGate {
  const envelope = tool === null ? read : { ...read, tool: { ...read.tool, frame: robot.tcp_frame } };
  const salt = randomInt(2 ** 32);
  if (journal === null) return new SafetyGate(envelope, robot, hz, salt);
  const ring = new JournalRingWriter(journal, robot.arm_joints);
  const gate = new JournalledGate(envelope, robot, hz, salt, { block: ring.first, tool });
  gate.journalTo(ring);
  return gate;
}

function watcher({ contact, hz }: ControlSetup, robot: Robot): ContactReaction | null {
  if (contact === null) return null;
  const { stop, ...options } = contact;
  return { detector: new ContactDetector(robot, hz, options), stop };
}

main(workerData as ControlSetup);
