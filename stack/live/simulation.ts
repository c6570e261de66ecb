import {
  RESET_SCOPES,
  SIMULATION_RESULTS,
  type SimulationResult,
  type SimulationState,
  secondsToStamp,
} from '../../contracts/index.ts';
import { InvalidStateError, type SceneModel } from '../../sim/index.ts';
import { CONTROL_HZ, JOINT_STATES_HZ } from '../rates.ts';
import { Entities } from './entities.ts';
import { cameraDue, type Exposure, expose } from './exposure.ts';
import type { LiveWorld } from './live_world.ts';
import { FEATURES, type Handlers, OK, type Request, type Response, refused, SET_STATE_RESULTS } from './services.ts';
import { SPAWNABLES } from './spawnables.ts';

const STEPS_PER_REPORT = CONTROL_HZ / JOINT_STATES_HZ;
/** Turns between reports while time stands still, and steps made in one turn where only some are asked for. */
const TURNS_PER_IDLE_REPORT = CONTROL_HZ / 10;
const STEPS_PER_TURN = 25;
/** So many steps an arm may take to come to rest. */
const STOP_STEPS = 2 * CONTROL_HZ;
const KNOWN_SCOPES = RESET_SCOPES.time | RESET_SCOPES.state | RESET_SCOPES.spawned;

/** What a simulation tells of itself, 100 times a simulated second and at least ten times a second. */
export interface SimulationReport {
  readonly stamp_ns: bigint;
  readonly state: SimulationState;
  /** Counts what put time or the world back: what was seen before is of another past. */
  readonly restarts: number;
  readonly position: Float64Array<ArrayBuffer>;
  readonly velocity: Float64Array<ArrayBuffer>;
  readonly effort: Float64Array<ArrayBuffer>;
  readonly wrench: Float64Array<ArrayBuffer>;
  readonly arm_phase: string;
  readonly commands_refused: number;
  readonly arm_braked: number;
  /** Why there is no world any more; empty while there is. */
  readonly failure: string;
}

export interface SimulationEvents {
  readonly report: (report: SimulationReport) => void;
  readonly expose: (exposure: Exposure) => void;
  readonly scene: (scene: SceneModel) => void;
  /** It was asked to quit, and the arm stands. */
  readonly quit: () => void;
}

/**
 * A live world with the states and services of simulation_interfaces: time passes, stands still or begins anew. Before
 * time stands still, or the world is put back, the arm is brought to rest; it then takes no commands until time passes
 * again, so that whoever controls it sees it hold by itself and has to be reset.
 */
export class Simulation {
  readonly world: LiveWorld;
  readonly handlers: Handlers;
  private readonly events: SimulationEvents;
  private readonly camera_hz: number;
  private present: SimulationState = 'stopped';
  private restarts = 0;
  private failure = '';
  private turns = 0;
  private stopping: { left: number; readonly end: (refusal: string) => void } | null = null;
  private stepping: { left: number; readonly answer: (response: Response<'step'>) => void } | null = null;

  /** @param camera_hz  pictures of each camera a second; 0 for none */
  constructor(world: LiveWorld, camera_hz: number, events: SimulationEvents) {
    this.world = world;
    this.events = events;
    this.camera_hz = camera_hz;
    const entities = new Entities(world);
    this.handlers = {
      reset: (request) => this.reset(request),
      step: (request) => this.startSteps(request),
      get_state: () => ({ result: OK, state: this.present }),
      set_state: (request) => this.setState(request),
      features: () => ({
        features: Object.values(FEATURES),
        spawn_formats: [],
        info: `${world.engine.name}, steps of ${1000 / CONTROL_HZ} ms, ${SPAWNABLES.length} spawnables`,
      }),
      spawnables: (request) => entities.spawnables(request),
      spawn: (request) => this.changed(entities.spawn(request)),
      delete: (request) => this.changed(entities.delete(request)),
      entities: (request) => entities.list(request),
      get_entity: (request) => entities.get(request),
      set_entity: (request) => entities.set(request),
    };
    events.scene(world.scene);
  }

  get state(): SimulationState {
    return this.present;
  }

  /** Whether simulated time passes by the clock. */
  get running(): boolean {
    return this.failure === '' && (this.stopping !== null || this.present === 'playing');
  }

  /** Whether the arm is on its way to rest for what was asked for. */
  get stoppingArm(): boolean {
    return this.stopping !== null;
  }

  /** One turn of whoever keeps the time, in which `due` steps have fallen due: none while time stands still. */
  turn(due: number): void {
    const { world } = this;
    this.turns++;
    if (this.running) {
      if (this.stopping === null) world.arm.receive();
      for (let i = 0; i < due && this.running; i++) this.step();
    } else if (this.stepping !== null) this.continueSteps();
    if (this.failure === '') world.report();
    if (!this.running && this.turns % TURNS_PER_IDLE_REPORT === 0) this.report();
  }

  private step(): void {
    const { world, stopping } = this;
    try {
      world.step();
    } catch (error) {
      if (!(error instanceof InvalidStateError)) throw error;
      this.fail(error.message);
      return;
    }
    const camera = this.camera_hz > 0 ? cameraDue(world.steps, this.camera_hz) : null;
    if (camera !== null) {
      this.events.expose(expose(camera, secondsToStamp(world.time_s), world.engine, world.robot.model.nb));
    }
    if (world.steps % STEPS_PER_REPORT === 0) this.report();
    if (stopping === null) return;
    stopping.left--;
    const standing = world.arm.standing(world.engine);
    if (!standing && stopping.left > 0) return;
    this.stopping = null;
    stopping.end(standing ? '' : `the arm did not come to rest within ${STOP_STEPS / CONTROL_HZ} s`);
  }

  /** Answers with what `then` gives once the arm stands and takes no commands, at once where time stands still anyway. */
  private afterStop<R>(then: (refusal: string) => R): R | Promise<R> {
    if (this.present !== 'playing' || this.failure !== '') return then('');
    this.world.arm.halt();
    return new Promise((resolve) => {
      this.stopping = { left: STOP_STEPS, end: (refusal) => resolve(then(refusal)) };
    });
  }

  private setState({ state }: Request<'set_state'>): Response<'set_state'> | Promise<Response<'set_state'>> {
    const refuse = (code: number, message: string) => ({ result: refused(code, message) });
    if (state === this.present) return refuse(SET_STATE_RESULTS.already_there, `state ${state}: already so`);
    const busy = this.busy();
    if (busy !== '') return refuse(SET_STATE_RESULTS.transition_error, busy);
    if (this.present === 'quitting') return refuse(SET_STATE_RESULTS.incorrect_transition, 'it is quitting');
    if (state === 'playing') {
      if (this.failure !== '') return refuse(SET_STATE_RESULTS.transition_error, `${this.failure}; reset it first`);
      this.present = 'playing';
      return { result: OK };
    }
    return this.afterStop((refusal) => {
      const failed = refusal !== '' || state !== 'stopped' ? refusal : this.restart(RESET_SCOPES.all);
      if (failed !== '') return refuse(SET_STATE_RESULTS.transition_error, failed);
      this.present = state;
      this.report();
      if (state === 'quitting') this.events.quit();
      return { result: OK };
    });
  }

  private reset({ scope }: Request<'reset'>): Response<'reset'> | Promise<Response<'reset'>> {
    const refuse = (code: number, message: string) => ({ result: refused(code, message) });
    if (scope !== RESET_SCOPES.all && (scope & ~KNOWN_SCOPES) !== 0) {
      return refuse(SIMULATION_RESULTS.feature_unsupported, `scope ${scope}: 0, 255, or a sum of 1, 2 and 4`);
    }
    const busy = this.busy();
    if (busy !== '') return refuse(SIMULATION_RESULTS.incorrect_state, busy);
    return this.afterStop((refusal) => {
      const failed = refusal || this.restart(scope === 0 ? RESET_SCOPES.all : scope);
      return failed === '' ? { result: OK } : refuse(SIMULATION_RESULTS.operation_failed, failed);
    });
  }

  private startSteps({ steps }: Request<'step'>): Response<'step'> | Promise<Response<'step'>> {
    const refuse = (code: number, message: string) => ({ result: refused(code, message) });
    const busy = this.busy();
    if (this.present !== 'paused' || busy !== '') {
      return refuse(SIMULATION_RESULTS.incorrect_state, busy || `state ${this.present}: pause it first`);
    }
    const { operation_failed } = SIMULATION_RESULTS;
    if (this.failure !== '') return refuse(operation_failed, `${this.failure}; reset it first`);
    if (!(steps >= 1)) return refuse(operation_failed, `steps ${steps}: at least 1`);
    return new Promise((resolve) => {
      this.stepping = { left: steps, answer: resolve };
    });
  }

  private continueSteps(): void {
    const { stepping } = this;
    if (stepping === null) return;
    for (let i = 0; i < STEPS_PER_TURN && stepping.left > 0 && this.failure === ''; i++) {
      this.step();
      stepping.left--;
    }
    if (stepping.left > 0 && this.failure === '') return;
    this.stepping = null;
    this.report();
    const { failure } = this;
    stepping.answer({ result: failure === '' ? OK : refused(SIMULATION_RESULTS.operation_failed, failure) });
  }

  /** Why nothing else may begin now; empty if it may. */
  private busy(): string {
    if (this.stopping !== null) return 'the arm is being stopped for another request';
    return this.stepping === null ? '' : `${this.stepping.left} steps are still to be made`;
  }

  /** Returns the empty string, or why the world stays as it is. */
  private restart(scope: number): string {
    const all = scope === RESET_SCOPES.all;
    const has = (bit: number) => all || (scope & bit) !== 0;
    try {
      const { time, state, spawned } = RESET_SCOPES;
      this.world.restart({ time: has(time), state: has(state), spawned: has(spawned), all });
    } catch (error) {
      if (error instanceof InvalidStateError) return error.message;
      throw error;
    }
    if (has(RESET_SCOPES.state)) this.failure = '';
    this.restarts++;
    this.events.scene(this.world.scene);
    this.report();
    return '';
  }

  private fail(message: string): void {
    this.failure = message;
    const { stopping } = this;
    this.stopping = null;
    stopping?.end('');
    this.report();
  }

  /** Cameras see another scene from now on, if the answer is that it has changed. */
  private changed<R extends { readonly result: SimulationResult }>(response: R): R {
    if (response.result.code === SIMULATION_RESULTS.ok) this.events.scene(this.world.scene);
    return response;
  }

  private report(): void {
    const { world } = this;
    const { position, velocity, effort, wrench } = world.state;
    this.events.report({
      stamp_ns: secondsToStamp(world.time_s),
      state: this.present,
      restarts: this.restarts,
      position: position.slice(),
      velocity: velocity.slice(),
      effort: effort.slice(),
      wrench: wrench.slice(),
      arm_phase: world.arm.servo.phase,
      commands_refused: world.arm.servo.refused,
      arm_braked: world.arm.braked,
      failure: this.failure,
    });
  }
}
