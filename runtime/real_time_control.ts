import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { InputError, type JointTrajectory, OPERATING_MODES, type TrajectoryTolerances } from '../contracts/index.ts';
import { loadRobot, type Robot, type ToolChange, withTool } from '../robots/index.ts';
import {
  type Envelope,
  envelopeForRobot,
  isOperating,
  type Obstacle,
  type OperatingMode,
  type StopCategory,
} from '../safety/index.ts';
import type { ArmLink } from './arm_link.ts';
import { closeChannel } from './channel.ts';
import {
  type ControlMemory,
  createControlMemory,
  FLAGS,
  REQUEST,
  REQUEST_KINDS,
  type RequestKind,
  requestBytes,
} from './control_memory.ts';
import { type ControlState, readState, stateBytes } from './control_state.ts';
import type { ContactWatch, ControlSetup } from './control_worker.ts';
import { type CycleRow, CycleTrace } from './cycle_trace.ts';
import { type GateLink, openGateLink } from './gate_link.ts';
import { createJournalMemory, JournalRingReader } from './journal_ring.ts';
import { LatenessHistogram } from './lateness.ts';
import { MailboxReader, MailboxWriter, type MailSlot } from './mailbox.ts';
import { RemoteServo } from './remote_servo.ts';
import { SupervisorLink } from './supervisor_link.ts';
import type { SupervisorLimits } from './supervisor_messages.ts';
import { encodeTolerances, toleranceValues } from './tolerances_codec.ts';
import { encodeTrajectory } from './trajectory_codec.ts';

export interface RealTimeControlOptions {
  /** As for loadRobot. */
  readonly robot: string;
  readonly hz: number;
  /** Seconds of the arm's time a second, at most 1: that of a simulated arm that is slowed down. Default 1. */
  readonly pace?: number;
  readonly arm: ArmLink;
  /** As parsed by parseEnvelope; by default envelopeForRobot. */
  readonly envelope?: Envelope;
  /** Another tool than the robot came with: the envelope's limits of the tool are then for its tip. */
  readonly tool?: ToolChange;
  /** By default nothing watches. */
  readonly contact?: ContactWatch;
  /** What its own supervisor allows; by default all that the envelope does. */
  readonly limits?: SupervisorLimits;
  /** Keeps the gate's journal, which somebody is to read. Default false. */
  readonly journal?: boolean;
  /** Channels to a supervisor that others start and end; by default it has one of its own. */
  readonly supervised_by?: GateLink;
}

const ANSWER_WAIT_MS = 1000;
const POLL_MS = 2;

/**
 * The main thread's side of the control thread: starts the supervisor's process and the thread, hands requests over and
 * reads the state, all by shared memory. Holds neither driver nor gate.
 */
export class RealTimeControl {
  readonly robot: Robot;
  /** Its own supervisor, which does not run where others start it. */
  readonly supervisor: SupervisorLink;
  readonly lateness: LatenessHistogram;
  /** Moves the arm by what it is told now, where no trajectory does. */
  readonly servo: RemoteServo;
  /** What the gate was told and decided; null where no journal is kept. */
  readonly journal: JournalRingReader | null;
  private readonly worker: Worker;
  private readonly ended: Promise<void>;
  private readonly flags: Int32Array;
  private readonly requests: MailboxWriter;
  private readonly states: MailboxReader;
  private readonly cycle_trace: CycleTrace;
  private readonly close_channels: () => void;
  private failure: Error | null = null;
  private requested = 0;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(
    robot: Robot,
    worker: Worker,
    memory: ControlMemory,
    journal: SharedArrayBuffer | null,
    supervisor: SupervisorLink,
    close: () => void,
  ) {
    const { arm_joints } = robot;
    this.robot = robot;
    this.worker = worker;
    this.supervisor = supervisor;
    this.close_channels = close;
    this.lateness = new LatenessHistogram(memory.lateness);
    this.servo = new RemoteServo(robot, memory);
    this.journal = journal === null ? null : new JournalRingReader(journal, arm_joints);
    this.flags = new Int32Array(memory.flags);
    this.requests = new MailboxWriter(memory.requests, requestBytes(arm_joints));
    this.states = new MailboxReader(memory.states, stateBytes(arm_joints, robot.model.nq));
    this.cycle_trace = new CycleTrace(memory.trace, arm_joints);
    this.ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('error', (error) => {
      this.failure = error instanceof Error ? error : new Error(String(error));
    });
  }

  /** Resolves once supervisor and control thread run; motion then waits for the first grant. */
  static async start(options: RealTimeControlOptions): Promise<RealTimeControl> {
    const { hz, pace = 1, arm, contact = null, tool = null } = options;
    const bare = loadRobot(options.robot, { visualMeshes: false });
    const robot = tool === null ? bare : withTool(bare, tool);
    const envelope = options.envelope ?? envelopeForRobot(robot);
    const memory = createControlMemory(robot.arm_joints, robot.model.nq);
    const journal = options.journal === true ? createJournalMemory(robot.arm_joints) : null;
    const link = options.supervised_by ?? openGateLink();
    const { observation, grant, bodies } = link;
    const close = () => {
      if (options.supervised_by !== undefined) return;
      closeChannel(observation);
      closeChannel(grant);
      if (bodies !== undefined) closeChannel(bodies);
    };
    const supervisor = new SupervisorLink(observation, grant);
    let worker: Worker | null = null;
    try {
      if (options.limits !== undefined) await supervisor.setLimits(options.limits);
      if (options.supervised_by === undefined) await supervisor.start();
      const setup: ControlSetup = {
        robot: options.robot,
        hz,
        pace,
        tool,
        envelope,
        ...arm,
        observation,
        grant,
        bodies: bodies ?? null,
        memory,
        journal,
        contact,
      };
      worker = new Worker(fileURLToPath(new URL('./control_worker.js', import.meta.url)), { workerData: setup });
      await firstWord(worker);
      return new RealTimeControl(robot, worker, memory, journal, supervisor, close);
    } catch (error) {
      await worker?.terminate();
      await supervisor.close();
      close();
      throw error;
    }
  }

  /** The newest state. Throws what has ended the control thread, if anything has. */
  state(): ControlState {
    if (this.failure !== null) throw this.failure;
    this.states.take();
    return readState(this.states.slot, this.robot.arm_joints, this.robot.model.nq);
  }

  /** What the gate did in the last cycles, from cycle `from` on. */
  trace(from = 0): CycleRow[] {
    return this.cycle_trace.read(from);
  }

  /**
   * Stops the arm at the next cycle, by a category of IEC 60204-1; it then needs a reset. Waits for nothing. The supervisor
   * grants no more either, should the control thread not hear of it.
   */
  requestStop(category: StopCategory = 1): void {
    Atomics.add(this.flags, FLAGS.stops + category, 1);
    this.supervisor.requestStop().catch(() => {});
  }

  /** The enabling device, without which guided mode does not move. */
  setEnabled(enabled: boolean): void {
    Atomics.store(this.flags, FLAGS.enabled, enabled ? 1 : 0);
  }

  /**
   * Follows a trajectory of the arm's joints, replacing any before; throws InputError if it cannot start.
   * @param tolerances  in place of the control thread's own
   */
  async startTrajectory(trajectory: JointTrajectory, tolerances: TrajectoryTolerances = {}): Promise<void> {
    const { model, arm_joints } = this.robot;
    const names = model.joint_names.slice(0, arm_joints);
    await this.request('trajectory', ({ f64 }) => {
      encodeTolerances(tolerances, names, f64.subarray(REQUEST.body));
      encodeTrajectory(trajectory, names, f64.subarray(REQUEST.body + toleranceValues(arm_joints)));
    });
  }

  /** Gives the trajectory up; the arm comes to rest within its limits. */
  async cancelTrajectory(): Promise<void> {
    await this.request('cancel', () => {});
  }

  /** Share of the trajectories' own speed, 0..1, from now on; at 0 the arm waits on its path. InputError for no share. */
  async setSpeed(share: number): Promise<void> {
    await this.request('speed', ({ f64 }) => {
      f64[REQUEST.body] = share;
    });
  }

  async startGripper(width_m: number, force_N: number): Promise<void> {
    await this.request('gripper', ({ f64 }) => {
      f64[REQUEST.body] = width_m;
      f64[REQUEST.body + 1] = force_N;
    });
  }

  /** Gives the grip up; the fingers stay where they are. */
  async cancelGripper(): Promise<void> {
    await this.request('gripper_cancel', () => {});
  }

  /** Selects an operating mode; throws InputError with the reason when it is refused. */
  async selectMode(mode: OperatingMode): Promise<void> {
    await this.request('mode', ({ f64 }) => {
      f64[REQUEST.body] = OPERATING_MODES.indexOf(mode);
    });
  }

  /** Obstacles that stand or move from now on, in place of those before; frame of the robot's root link. */
  async setObstacles(obstacles: readonly Obstacle[]): Promise<void> {
    const json = new TextEncoder().encode(JSON.stringify(obstacles));
    await this.request('obstacles', ({ f64, u8 }) => {
      const from = 8 * (REQUEST.body + 1);
      if (from + json.length > u8.length) {
        throw new InputError(`${obstacles.length} obstacles`, `at most ${u8.length - from} bytes of JSON`);
      }
      f64[REQUEST.body] = json.length;
      u8.set(json, from);
    });
  }

  /**
   * The operator's reset, for gate and supervisor; resolves once motion is allowed again. Throws InputError with the
   * reason when it is refused, and where another supervisor is to be asked.
   */
  async reset(): Promise<void> {
    if (this.supervisor.pid === 0) throw new InputError('reset', 'ask the supervisor, which resets the gate too');
    await this.request('reset', () => {});
    await this.supervisor.clearStop();
    const ready = ({ mode, arm_phase }: ControlState) => isOperating(mode) && arm_phase === 'following';
    if (!(await this.until(ready))) {
      const { mode, arm_phase } = this.state();
      throw new InputError(
        `reset: mode ${mode}, arm ${arm_phase} after ${ANSWER_WAIT_MS} ms`,
        'see what still stops it',
      );
    }
  }

  /** Brings the arm to rest and ends thread and supervisor. */
  async close(): Promise<void> {
    Atomics.store(this.flags, FLAGS.end, 1);
    await this.ended;
    await this.supervisor.close();
    this.close_channels();
  }

  /** Ends without waiting for rest; the arm's watchdog stops it. */
  async abort(): Promise<void> {
    await this.worker.terminate();
    await this.supervisor.close();
    this.close_channels();
  }

  private request(kind: RequestKind, fill: (slot: MailSlot) => void): Promise<void> {
    const turn = this.queue.then(() => this.ask(kind, fill));
    this.queue = turn.catch(() => {});
    return turn;
  }

  private async ask(kind: RequestKind, fill: (slot: MailSlot) => void): Promise<void> {
    const { slot } = this.requests;
    const { f64 } = slot;
    fill(slot);
    const id = ++this.requested;
    f64[REQUEST.id] = id;
    f64[REQUEST.kind] = REQUEST_KINDS.indexOf(kind);
    this.requests.send();
    if (!(await this.until(({ answered }) => answered === id))) {
      throw new Error(`the control thread did not answer within ${ANSWER_WAIT_MS} ms`);
    }
    const { refusal } = this.state();
    if (refusal !== '') throw InputError.restore(refusal);
  }

  /** Whether a state came for which `condition` holds. */
  private async until(condition: (state: ControlState) => boolean): Promise<boolean> {
    for (const end = performance.now() + ANSWER_WAIT_MS; performance.now() < end; ) {
      if (condition(this.state())) return true;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return false;
  }
}

function firstWord(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the control thread ended with code ${code}`)));
  });
}
