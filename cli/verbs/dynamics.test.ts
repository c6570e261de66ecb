import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import { addDynamics } from './dynamics.ts';

const list = z.array(z.number());
const outFile = z.strictObject({
  joints: z.array(z.string()),
  cases: z.array(
    z.strictObject({
      qdd: list,
      tau: list,
      mass_matrix: z.array(list),
      gravity: list,
      frames: z.record(z.string(), list.length(7)),
      jacobian: z.array(list).length(6),
    }),
  ),
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dynamics verb '));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the verb on a document; returns the last line of stdout. */
async function dynamics(input: unknown, ...args: string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const program = new Command('surepick').exitOverride();
  addDynamics(program);
  const file = join(folder, 'in.json');
  writeFileSync(file, typeof input === 'string' ? input : JSON.stringify(input));
  const out = args.includes('--out') ? [] : ['--out', join(folder, 'out.json')];
  await program.parseAsync(['dynamics', '--in', file, ...out, ...args], { from: 'user' });
  return lines.at(-1) ?? '';
}

const written = () => outFile.parse(JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')));
const state = (n: number) => ({
  q: new Array<number>(n).fill(0.1),
  v: new Array<number>(n).fill(0.2),
  tau: new Array<number>(n).fill(1),
  a: new Array<number>(n).fill(0.3),
});

describe('surepick dynamics', () => {
  test('writes every field of each case, for the arm with and without its fingers', async () => {
    for (const [n, flags] of [
      [8, []],
      [7, ['--no-gripper']],
    ] as const) {
      const line = await dynamics({ cases: [state(n), state(n)] }, '--json', ...flags);
      const { joints, cases } = written();
      expect(joints).toHaveLength(n);
      expect(cases).toHaveLength(2);
      expect(cases[1].mass_matrix).toHaveLength(n);
      expect(cases[1].jacobian[0]).toHaveLength(n);
      expect('panda_leftfinger' in cases[0].frames).toBe(n === 8);
      expect(JSON.parse(line)).toMatchObject({
        schema: 'surepick/dynamics',
        cases: 2,
        frame: 'panda_hand_tcp',
        joints,
      });
    }
  });

  test('the Jacobian is that of the frame asked for', async () => {
    await dynamics({ cases: [state(7)] }, '--no-gripper', '--frame', 'panda_link0');
    expect(
      written()
        .cases[0].jacobian.flat()
        .every((x) => x === 0),
    ).toBe(true);
    const ur = join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf');
    const line = await dynamics({ cases: [state(6)] }, '--robot', ur, '--json');
    expect(JSON.parse(line)).toMatchObject({ robot: 'ur_like', frame: 'tool0' });
    const tree = join(PACKAGE_ROOT, 'robots', 'golden', 'tree_1.urdf');
    await expect(dynamics({ cases: [] }, '--robot', tree, '--json')).resolves.toMatch(/"frame":"link_\d+"/);
    expect(written().cases).toEqual([]);
  });

  test('what cannot be used is refused in one line, and nothing is written', async () => {
    const bad: [unknown, RegExp, ...string[]][] = [
      ['{', /in\.json.*must be JSON/],
      [[], /in\.json/],
      [{ cases: [{ ...state(8), tau: undefined }] }, /cases\[0\]\.tau/],
      [{ cases: [state(8), state(7)] }, /cases\[1\]\.q has 7 numbers: panda takes 8/],
      [{ cases: [{ ...state(8), v: [1] }] }, /cases\[0\]\.v has 1 numbers/],
      ['{"cases":[{"q":[1e999,0,0,0,0,0,0,0],"v":[],"tau":[],"a":[]}]}', /cases\[0\]\.q\[0\]/],
      ['{"cases":[{"q":["0"],"v":[],"tau":[],"a":[]}]}', /cases\[0\]\.q\[0\]/],
      [{ cases: [{ ...state(8), v: new Array(8).fill(1e200) }] }, /no finite result/],
      [{ cases: [state(8)] }, /frame nowhere: links of panda are/, '--frame', 'nowhere'],
      [{ cases: [state(8)] }, /none\.urdf cannot be read/, '--robot', 'none.urdf'],
      [{ cases: [state(8)] }, /must be a file that can be written/, '--out', join(folder, 'none', 'out.json')],
    ];
    for (const [input, message, ...args] of bad) {
      const attempt = dynamics(input, ...args);
      await expect(attempt, String(message)).rejects.toThrow(InputError);
      await expect(attempt).rejects.toThrow(message);
      await expect(attempt).rejects.not.toThrow(/\n/);
      expect(readdirSync(folder)).toEqual(['in.json']);
    }
  });

  test('a robot with a massless link has no forward dynamics', async () => {
    const file = join(folder, 'light.urdf');
    const joint =
      '<joint name="j" type="continuous"><parent link="a"/><child link="b"/><limit velocity="1" effort="1"/></joint>';
    writeFileSync(file, `<robot name="light"><link name="a"/><link name="b"/>${joint}</robot>`);
    await expect(dynamics({ cases: [state(1)] }, '--robot', file)).rejects.toThrow(/inertia/);
  });

  test('an output that is a folder is refused, one that is a link is followed', async () => {
    const target = join(folder, 'target');
    mkdirSync(target);
    await expect(dynamics({ cases: [] }, '--out', target)).rejects.toThrow(InputError);
    expect(readdirSync(target)).toEqual([]);
    writeFileSync(join(target, 'real.json'), 'old');
    symlinkSync(join(target, 'real.json'), join(folder, 'link.json'));
    await dynamics({ cases: [] }, '--out', join(folder, 'link.json'));
    expect(readFileSync(join(target, 'real.json'), 'utf8')).toContain('"joints"');
    expect(readdirSync(target)).toEqual(['real.json']);
    expect(existsSync(join(folder, 'link.json'))).toBe(true);
  });
});
