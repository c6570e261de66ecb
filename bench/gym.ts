import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, Environment, type EnvironmentOptions } from '../stack/index.ts';
import { type Benchmark, type BenchmarkResult, type BenchmarkRow, row } from './benchmark.ts';
import { fetchEnvironment, gymEnvironment } from './gym_environments.ts';
import type { PythonEnvironment } from './python_environment.ts';

const ROUNDS = 7;
const STATE_STEPS = 400;
const PICTURE_STEPS = 80;
const VECTOR_STEPS = 60;
const PARTS_STEPS = 1500;
const PROGRAM = join(PACKAGE_ROOT, 'bench', 'gym_rounds.py');
const FETCH = 'FetchPickAndPlace-v4';

const answer = z.union([
  z.object({ steps: z.number(), seconds: z.number(), episodes: z.number(), successes: z.number() }),
  z.object({ error: z.string() }),
]);
type Kind = 'state' | 'pictures' | 'vector';

/** Rounds of one kind, added up. */
interface Tally {
  readonly rates: number[];
  episodes: number;
  successes: number;
}

/** A Python program that steps one family of environments when asked. */
class Player {
  readonly name: string;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private readonly tallies = new Map<Kind, Tally>();

  constructor(name: string, python: string) {
    this.name = name;
    const PYTHONPATH = join(PACKAGE_ROOT, 'sim', 'gym');
    const SUREPICK_HOME = process.env.SUREPICK_HOME ?? PACKAGE_ROOT;
    const env = { ...process.env, PYTHONPATH, SUREPICK_HOME, PYTHONWARNINGS: 'ignore' };
    this.child = spawn(python, [PROGRAM, name], { env, stdio: 'pipe' });
    this.child.stderr.resume();
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  /** One round; why it cannot be played, or the empty string. */
  async play(kind: Kind, steps: number, counts = true): Promise<string> {
    this.child.stdin.write(`${kind} ${steps}\n`);
    const line = await this.lines.next();
    if (line.done) throw new Error(`the ${this.name} program ended`);
    const round = answer.parse(JSON.parse(line.value));
    if ('error' in round) return round.error;
    const tally = this.tallies.get(kind) ?? { rates: [], episodes: 0, successes: 0 };
    this.tallies.set(kind, tally);
    tally.episodes += round.episodes;
    tally.successes += round.successes;
    if (counts) tally.rates.push(round.steps / round.seconds);
    return '';
  }

  tally(kind: Kind): Tally {
    return this.tallies.get(kind) ?? { rates: [], episodes: 0, successes: 0 };
  }

  rate(kind: Kind): number {
    return median(this.tally(kind).rates);
  }

  end(): void {
    this.child.stdin.end();
  }
}

/** Steps of pick-place by its expert through Gymnasium, beside FetchPickAndPlace in turns. */
export const gym: Benchmark = {
  name: 'gym',
  claim: `Gymnasium environment steps at 25 Hz, from Python, beside ${FETCH}`,
  async run(progress): Promise<BenchmarkResult> {
    progress('Python environments');
    const own = new Player('surepick', interpreter(await gymEnvironment()));
    const peer = new Player('fetch', interpreter(await fetchEnvironment()));
    try {
      const no_pictures = await playRounds(own, peer, progress);
      progress('what a step is made of');
      const parts = measureParts();
      return { rows: [...rates(own, peer, no_pictures), ...split(own, parts)], checks: checks(own, peer, no_pictures) };
    } finally {
      own.end();
      peer.end();
    }
  },
};

/** Both in turns, so that the machine is as busy for one as for the other; why the peer has no pictures, or ''. */
async function playRounds(own: Player, peer: Player, progress: (line: string) => void): Promise<string> {
  progress('both warm up');
  for (const player of [own, peer]) refuse(await player.play('state', 200, false));
  refuse(await own.play('pictures', 20, false));
  refuse(await own.play('vector', 10, false));
  const no_pictures = await peer.play('pictures', 20, false);
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`round ${round} of ${ROUNDS}`);
    refuse(await own.play('state', STATE_STEPS));
    refuse(await peer.play('state', STATE_STEPS));
    refuse(await own.play('pictures', PICTURE_STEPS));
    if (no_pictures === '') refuse(await peer.play('pictures', PICTURE_STEPS));
    refuse(await own.play('vector', VECTOR_STEPS));
  }
  return no_pictures;
}

function rates(own: Player, peer: Player, no_pictures: string): BenchmarkRow[] {
  const beside = (kind: Kind) => ({ name: FETCH, value: peer.rate(kind) });
  return [
    row('state observations, one process', own.rate('state'), 'steps/s', beside('state')),
    row('the same, least ratio of a round', leastRatio(own, peer, 'state'), '', { name: 'equal', value: 1 }),
    row('16 environments over the cores', own.rate('vector'), 'steps/s', beside('state')),
    row(
      '84×84, two cameras with depth (Fetch: one, colour)',
      own.rate('pictures'),
      'steps/s',
      no_pictures === '' ? beside('pictures') : undefined,
    ),
  ];
}

/** Microseconds of a step by what they go to. */
interface Parts {
  readonly world_us: number;
  readonly expert_us: number;
  readonly pictures_us: number;
}

function split(own: Player, { world_us, expert_us, pictures_us }: Parts): BenchmarkRow[] {
  const whole_us = 1e6 / Math.max(...own.tally('state').rates);
  return [
    row('of a step: 20 cycles of control and physics, state, verdict', world_us, 'µs'),
    row("of a step: the expert's action", expert_us, 'µs'),
    row('of a step: Python, pipe and resets', whole_us - world_us - expert_us, 'µs'),
    row('of a step with pictures: drawing both', pictures_us, 'µs'),
    row('84×84 of both cameras at 25 Hz, in process', 0.04e6 / (world_us + pictures_us), 'simulated s / s'),
  ];
}

function measureParts(): Parts {
  const world = new Stepper({ expert: false });
  const advised = new Stepper({});
  const seeing = new Stepper({ observation: 'rgbd', expert: false });
  const times = Array.from({ length: ROUNDS }, () =>
    [world, advised, seeing].map((stepper) => stepper.step_us(Math.ceil(PARTS_STEPS / ROUNDS))),
  );
  // The least of the rounds: differences of what other programs disturb say nothing.
  const [world_us, advised_us, seeing_us] = [0, 1, 2].map((k) => Math.min(...times.map((round) => round[k])));
  return { world_us, expert_us: advised_us - world_us, pictures_us: seeing_us - world_us };
}

/** An environment in this process, moved by the actions of an expert of its own that is not counted. */
class Stepper {
  private readonly environment: Environment;
  private readonly guide: Environment;
  private episode = 0;

  constructor(options: Partial<EnvironmentOptions>) {
    const robot = loadRobot('panda');
    this.environment = new Environment({ ...DEFAULT_ENVIRONMENT_OPTIONS, ...options }, robot);
    this.guide = new Environment(DEFAULT_ENVIRONMENT_OPTIONS, robot);
    this.begin();
  }

  private begin(): void {
    this.environment.reset(1, this.episode);
    this.guide.reset(1, this.episode++);
  }

  step_us(steps: number): number {
    const { environment, guide } = this;
    let spent = 0;
    for (let k = 0; k < steps; k++) {
      const action = guide.output.expert_action.slice();
      guide.step(action);
      const started = performance.now();
      environment.step(action);
      spent += performance.now() - started;
      if (guide.status.terminated || guide.status.truncated) this.begin();
    }
    return (1000 * spent) / steps;
  }
}

function checks(own: Player, peer: Player, no_pictures: string): BenchmarkResult['checks'] {
  const all = [
    ...(['state', 'pictures', 'vector'] as const).map((kind) => [own, kind] as const),
    [peer, 'state'] as const,
  ];
  return [
    ...all.map(([player, kind]) => {
      const { episodes, successes } = player.tally(kind);
      const pass = episodes > 0 && successes >= 0.9 * episodes;
      return { name: `${player.name}, ${kind}: its expert succeeds`, pass, detail: `${successes} of ${episodes}` };
    }),
    { name: `as many steps a second as ${FETCH}`, pass: own.rate('state') >= peer.rate('state'), detail: no_pictures },
  ];
}

function leastRatio(own: Player, peer: Player, kind: Kind): number {
  const others = peer.tally(kind).rates;
  return Math.min(...own.tally(kind).rates.map((rate, i) => rate / others[i]));
}

function interpreter(environment: PythonEnvironment): string {
  if ('python' in environment) return environment.python;
  throw new Error(`this benchmark needs Python: ${environment.missing}`);
}

function refuse(error: string): void {
  if (error !== '') throw new Error(error);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
