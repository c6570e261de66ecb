import { parentPort, workerData } from 'node:worker_threads';
import { Deadlines } from './deadlines.ts';
import { GateOverChannel } from './gate_over_channel.ts';
import { HeartbeatReader } from './heartbeat.ts';
import { MACHINE_CLOCK } from './monotonic_clock.ts';
import { REALTIME, tryRealtime } from './realtime.ts';
import { Sleeper } from './sleeper.ts';
import { SupervisorCore } from './supervisor_core.ts';
import type { SupervisorAnswer, SupervisorRequest, SupervisorSetup } from './supervisor_thread_messages.ts';

const PERIOD_S = 0.0025;
const VIEW_PERIOD_S = 0.1;

/** Body of the supervisor's thread: grants do not wait for what the main thread does, and stop when that hangs. */
function main(setup: SupervisorSetup): void {
  tryRealtime(REALTIME.supervisor);
  const core = new SupervisorCore({
    gate: new GateOverChannel(setup.observation, setup.grant),
    processes: setup.processes.map(({ channel, ...watched }) => ({
      ...watched,
      heartbeat: new HeartbeatReader(channel),
    })),
    silence_s: setup.silence_s,
    autonomy: setup.autonomy,
  });
  core.setEnvelope(setup.envelope_sha256);
  core.setLimits(setup.tool_speed_m_per_s, setup.speed_share);
  const main_thread = new MainThread(new Int32Array(setup.beats));
  const tell = (answer: SupervisorAnswer) => parentPort?.postMessage(answer);
  parentPort?.on('message', (request: SupervisorRequest) => obey(core, request, tell));
  const sleeper = new Sleeper(MACHINE_CLOCK);
  const deadlines = new Deadlines(PERIOD_S);
  let told_s = Number.NEGATIVE_INFINITY;
  let told = '';
  const turn = () => {
    const now_s = sleeper.until(deadlines.next_s);
    deadlines.begin(now_s);
    main_thread.look(now_s);
    if (main_thread.silent_s > setup.device_silence_s) core.releaseEnablingDevice();
    if (main_thread.silent_s > setup.busy_s) core.requestStop(1, `safety is busy for over ${setup.busy_s} s`);
    core.step(now_s);
    const view = core.view();
    const { gate, holds, missing, warnings } = view;
    const shown = [gate?.mode, gate?.reasons, gate?.latched_reasons, holds, missing, warnings].join();
    if (shown !== told || now_s - told_s >= VIEW_PERIOD_S) {
      told = shown;
      told_s = now_s;
      tell({ kind: 'view', view });
    }
    setImmediate(turn);
  };
  deadlines.start(MACHINE_CLOCK.now_s());
  turn();
}

function obey(core: SupervisorCore, request: SupervisorRequest, tell: (answer: SupervisorAnswer) => void): void {
  const answer = (id: number) => (refusal: string) => tell({ kind: 'answer', id, refusal });
  switch (request.kind) {
    case 'active':
      core.setActive(request.active);
      break;
    case 'stop':
      core.requestStop(request.category, request.reason);
      break;
    case 'conditions':
      core.setConditions(request.conditions);
      break;
    case 'pace':
      core.setPace(request.pace, request.policies);
      break;
    case 'enabling_device':
      core.setEnablingDevice(request.device);
      break;
    case 'envelope':
      core.setEnvelope(request.sha256);
      break;
    case 'limits':
      core.setLimits(request.tool_speed_m_per_s, request.speed_share);
      break;
    case 'reset':
      core.reset(answer(request.id));
      break;
    case 'mode':
      core.setMode(request.mode, request.enabled, answer(request.id));
      break;
  }
}

/** For how long the thread that serves the bus has not beaten. */
class MainThread {
  silent_s = 0;
  private readonly beats: Int32Array;
  private seen = -1;
  private since_s = 0;

  constructor(beats: Int32Array) {
    this.beats = beats;
  }

  look(now_s: number): void {
    const beat = Atomics.load(this.beats, 0);
    if (beat !== this.seen) {
      this.seen = beat;
      this.since_s = now_s;
    }
    this.silent_s = now_s - this.since_s;
  }
}

main(workerData as SupervisorSetup);
