import { ControlLoop } from '../control/index.ts';
import { SafetyGate } from '../safety/index.ts';
import { CannonEngine, SimArm } from '../sim/index.ts';
import { DEFAULT_EPISODE_OPTIONS, EpisodeRunner } from '../stack/index.ts';
import { type Benchmark, row } from './benchmark.ts';
import { PhaseClock } from './phase_clock.ts';

const SEED = 4242;
const EPISODES = 8;

/** Where the time of a step goes while the expert picks and places: shares of dynamics, contact, controller, gate, rest. */
export const stepSplit: Benchmark = {
  name: 'step-split',
  claim: 'what a 2 ms step of pick-place with its controller and gate is spent on',
  async run(progress) {
    const options = { ...DEFAULT_EPISODE_OPTIONS, seed: SEED, policy: 'expert', observation: 'state' } as const;
    const runner = await EpisodeRunner.create(options);
    const play = async (index: number) => {
      const hooks = { pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null, stopped: () => false };
      const probe: { engine: CannonEngine | null } = { engine: null };
      const { result } = await runner.run(index, {
        ...hooks,
        onStage: () => {},
        disclose: (engine) => {
          if (engine instanceof CannonEngine) probe.engine = engine;
          return engine;
        },
      });
      return { ...result, engine: probe.engine };
    };
    progress('warming up');
    const first = await play(0);
    for (let i = 1; i <= EPISODES; i++) await play(i);
    if (first.engine === null) throw new Error('the expert ran on another engine than cannon');
    const clock = new PhaseClock();
    const total = async () => {
      let wall_s = 0;
      let steps = 0;
      let successes = 0;
      for (let i = 1; i <= EPISODES; i++) {
        const { wall_seconds, outcome } = await play(i);
        wall_s += wall_seconds;
        steps += outcome.steps;
        successes += outcome.success ? 1 : 0;
      }
      return { wall_s, steps, successes };
    };
    progress('whole episodes, not taken apart');
    const plain = await total();
    progress('the same, with a clock at every part');
    watch(clock, first.engine);
    const watched = await total();
    clock.restore();
    await runner.close();
    const step_us = (1e6 * plain.wall_s) / plain.steps;
    const whole = { name: 'the whole step', value: (1e6 * watched.wall_s) / watched.steps };
    const parts = [...clock.seconds].map(([part, seconds]) => ({ part, us: (1e6 * seconds) / watched.steps }));
    const rest_us = whole.value - parts.reduce((sum, { us }) => sum + us, 0);
    return {
      rows: [
        row('a step, not taken apart', step_us, 'µs/step'),
        row('simulated seconds per second', 0.002 / (step_us * 1e-6), 'simulated s / s'),
        ...parts.map(({ part, us }) => row(part, us, 'µs/step', whole)),
        row('rest: planning, bus, digest, clock', rest_us, 'µs/step', whole),
      ],
      checks: [
        {
          name: 'the expert succeeds',
          pass: plain.successes === EPISODES && watched.successes === EPISODES,
          detail: `${plain.successes} and ${watched.successes} of ${EPISODES}`,
        },
        {
          name: 'the clock does not slow the step by more than half',
          pass: whole.value < 1.5 * step_us,
          detail: `${whole.value} µs against ${step_us} µs`,
        },
      ],
    };
  },
};

/** Puts the clock to the parts of the step, by the classes of an engine's own. */
function watch(clock: PhaseClock, engine: CannonEngine): void {
  const { solver, contacts } = engine;
  clock.watch(Object.getPrototypeOf(solver.arm), 'advance', 'dynamics: bias, mass matrix, free motion');
  clock.watch(CannonEngine.prototype, 'place', 'dynamics: kinematics');
  clock.watch(Object.getPrototypeOf(contacts), 'findCandidates', 'broadphase');
  clock.watch(Object.getPrototypeOf(contacts), 'findContacts', 'narrowphase');
  clock.watch(Object.getPrototypeOf(solver), 'solve', 'solver');
  clock.watch(CannonEngine.prototype, 'step', 'world step beside these');
  clock.watch(SimArm.prototype, 'actuate', 'controller: computed torque and actuators');
  clock.watch(ControlLoop.prototype, 'tick', 'controller: trajectory, gripper, lease');
  clock.watch(SafetyGate.prototype, 'step', 'gate');
}
