import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { type Demonstration, saveDemonstrations } from '../../learning/index.ts';
import { hashOf } from '../../perception/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { LONG, sweep } from '../../test/support/sweep.ts';
import { manifestFileOf, readTaskPolicy } from '../policies/task_policy_file.ts';
import { DEFAULT_RECIPE, trainPolicy } from '../training/index.ts';
import { improvePolicy } from './improve_policy.ts';
import { DEFAULT_IMPROVE_RECIPE, type ImproveRecipe } from './recipe.ts';
import { SETTLING } from './settle.ts';
import type { ImproveEvents, ImprovePhase } from './turn.ts';

const RECIPE: ImproveRecipe = {
  ...DEFAULT_IMPROVE_RECIPE,
  ...{ worlds: 1, handovers: 2, steps: sweep(60, 500), batch: 16, hidden: [16], judged: 1, canary: 0 },
};
let folder = '';
let player_program = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'improve '));
  player_program = await compiledProgram('../../stack/training/player_worker');
  const weak = { ...DEFAULT_RECIPE, method: 'bc', demos: 3, steps: 40, batch: 16, hidden: [16] } as const;
  const recipe = { ...weak, held_out: 0, final: 1 };
  mkdirSync(join(folder, 'weak'));
  await trainPolicy({ recipe, out: fileIn('weak'), workers: 0, resume: false, player_program });
}, 1_200_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileIn = (name: string): string => join(folder, name, 'pick.onnx');

/** A copy of the weak policy and its data. */
function copy(name: string): string {
  cpSync(join(folder, 'weak'), join(folder, name), { recursive: true });
  return fileIn(name);
}

interface Given {
  readonly recipe?: ImproveRecipe;
  readonly offered?: readonly string[];
  readonly resume?: boolean;
  /** Ends the turn as soon as this phase tells of something. */
  readonly until?: ImprovePhase;
  /** Dies before this step of its end. */
  readonly dies?: (typeof SETTLING)[number];
}

function improve(file: string, { recipe = RECIPE, offered = [], resume = false, until, dies }: Given = {}) {
  const stop = new AbortController();
  const events: ImproveEvents = {
    onProgress: (phase, _done, _of, detail) => {
      if (phase === until) stop.abort();
      if (phase === 'settle' && detail === dies) throw new Error(`died before: ${detail}`);
    },
  };
  const setting = { recipe, file, offered, suites: [], workers: 0, resume, player_program };
  return improvePolicy(setting, events, stop.signal);
}

/** A copy of a turn that was interrupted in its first phase, and again as soon as it was decided. */
async function decided(name: string): Promise<string> {
  dying ??= diesDecided();
  await dying;
  cpSync(join(folder, 'decided'), join(folder, name), { recursive: true });
  return fileIn(name);
}
let dying: Promise<void> | null = null;

async function diesDecided(): Promise<void> {
  const file = copy('decided');
  expect(await improve(file, { until: 'watch' })).toBeNull();
  await expect(improve(file)).rejects.toThrow('--resume');
  // Of interrupted trainings the short form has those of train_policy.test.ts.
  if (LONG) expect(await improve(file, { until: 'train', resume: true })).toBeNull();
  await expect(improve(file, { resume: true, recipe: { ...RECIPE, steps: 40 } })).rejects.toThrow('command');
  await expect(improve(file, { resume: true, dies: 'remove what is not needed any more' })).rejects.toThrow('died');
}

/** Of all files of a turn and of its data; the record without the folder that it names. */
function bytesOf(name: string): Readonly<Record<string, string>> {
  const root = join(folder, name);
  const roots = [root, join(folder, 'decided')];
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => /\.\w+$/.test(path));
  const files = paths.filter((path) => !/\.(data|improve)$/.test(path));
  return Object.fromEntries(
    files.sort().map((path) => {
      const text = readFileSync(join(root, path), 'latin1');
      return [path, hashOf(Buffer.from(roots.reduce((rest, one) => rest.replaceAll(one, ''), text)))];
    }),
  );
}

describe('a turn of self-correction', () => {
  it('ends in the same bytes whether or not it was interrupted, with a record of what it did', async () => {
    const one = copy('one');
    const turn = await improve(one);
    const twice = await decided('twice');
    await expect(improve(twice, { resume: true, recipe: { ...RECIPE, steps: 40 } })).rejects.toThrow('command');
    expect((await improve(twice, { resume: true }))?.record.candidate?.sha256).toBe(turn?.record.candidate?.sha256);
    expect(bytesOf('twice')).toEqual(bytesOf('one'));
    const { record } = turn ?? {};
    expect(record).toMatchObject({ turn: 1, promoted: false, scored: null, watched: { episodes: 1 } });
    expect(record?.data.map(({ source }) => source).at(-1)).toMatch(/^corrections of turn 1 of [0-9a-f]{12}$/);
    expect(record?.corrections?.episodes).toBeGreaterThan(0);
    expect(hashOf(readFileSync(one))).toBe(hashOf(readFileSync(fileIn('weak'))));
  }, 1_200_000);

  it('goes on where it died once it was decided, before any step of its end, to the same bytes', async () => {
    const from = async (name: string): Promise<string> => {
      const file = await decided(name);
      const decision = file.replace('.onnx', '.improve/turn-1/decided.json');
      writeFileSync(decision, readFileSync(decision, 'utf8').replace('"promoted": false', '"promoted": true'));
      return file;
    };
    const whole = await improve(await from('whole'), { resume: true });
    const found = bytesOf('whole');
    const candidate = whole?.record.candidate?.sha256;
    expect(readTaskPolicy(fileIn('whole')).manifest.sha256).toBe(candidate);
    const weak = readTaskPolicy(fileIn('weak')).manifest.sha256;
    expect(candidate).not.toBe(weak);
    expect(readTaskPolicy(join(folder, 'whole/pick.improve/turn-1/previous.onnx')).manifest.sha256).toBe(weak);
    for (const [k, dies] of SETTLING.entries()) {
      const file = await from(`died ${k}`);
      await expect(improve(file, { dies, resume: true }), dies).rejects.toThrow(`died before: ${dies}`);
      await expect(improve(file), dies).rejects.toThrow('--resume');
      await improve(file, { resume: true });
      expect(bytesOf(`died ${k}`), dies).toEqual(found);
    }
    const half = await from('half');
    await expect(improve(half, { dies: 'install the candidate', resume: true })).rejects.toThrow('died');
    cpSync(join(folder, 'half/pick.improve/turn-1/pick.onnx'), half);
    expect(() => readTaskPolicy(half)).toThrow('the manifest is of');
    await improve(half, { resume: true });
    expect(bytesOf('half')).toEqual(found);
    const other = await from('other');
    writeFileSync(other, 'of somebody else');
    await expect(improve(other, { resume: true })).rejects.toThrow(`${weak}, which was watched`);
    expect(readFileSync(other, 'utf8')).toBe('of somebody else');
    expect(readFileSync(manifestFileOf(other))).toEqual(readFileSync(manifestFileOf(fileIn('weak'))));
  }, 1_200_000);

  it('begins only with data that fits, and changes nothing else', async () => {
    const file = copy('refused');
    const before = bytesOf('refused');
    const path = join(folder, 'others');
    const flat = (length: number, observation: number): Demonstration => ({
      ...{ length, observations: new Float32Array(length * observation), actions: new Float32Array(length * 5) },
      ...{ followed: new Uint8Array(length).fill(1), success: true },
    });
    await saveDemonstrations(path, 'line 7', [flat(3, 4)], { observation: 4, action: 5 });
    await expect(improve(file, { offered: [path] })).rejects.toThrow(
      /record \w+\/0 of line 7: 12 numbers of observations/,
    );
    await expect(improve(file.replace('.onnx', '.txt'))).rejects.toThrow(InputError);
    expect(bytesOf('refused')).toEqual(before);
    for (const name of readdirSync(file.replace('.onnx', '.data'))) rmSync(join(file.replace('.onnx', '.data'), name));
    await expect(improve(file)).rejects.toThrow('surepick train keeps there what it trained on');
    expect(existsSync(file.replace('.onnx', '.improve'))).toBe(false);
  });
});
