import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { cli } from '../../test/support/cli.ts';
import { hostedCli } from '../../test/support/cli_host.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-gate-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const HOME = [0, -0.785, 0, -2.356, 0, 1.571, 0.785];
const OUT = join(scratch, 'out.jsonl');
const rows = () =>
  readFileSync(OUT, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

function stream(name: string, lines: readonly (object | string)[]): string {
  const file = join(scratch, name);
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}

const sine = (cycles: number) =>
  Array.from({ length: cycles }, (_, k) => ({
    t: k / 500,
    source: 'policy',
    position: HOME.map((q) => q + 0.1 * (1 - Math.cos(0.005 * k))),
  }));

describe('surepick gate', () => {
  it('writes a line a cycle, and the summary others read', async () => {
    const file = stream('good.jsonl', sine(700));
    const { code, stdout } = await cli(['gate', '--in', file, '--out', OUT, '--lease', 'always', '--json'], scratch);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ schema: 'surepick/gate', passed: 700, violations: 0, malformed: 0, resets: 0 });
    const cycles = rows();
    expect(cycles).toHaveLength(result.cycles);
    expect(Object.keys(cycles[0])).toEqual(
      expect.arrayContaining([
        't',
        'position',
        'velocity',
        'acceleration',
        'jerk',
        'state',
        'reasons',
        'stop_time_s',
        'latched',
      ]),
    );
    sine(700).forEach(({ position }, k) => {
      position.forEach((q, i) => {
        expect(Math.abs(cycles[k].position[i] - q)).toBeLessThan(1e-9);
      });
    });
    expect(readdirSync(scratch).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('takes its limits from an envelope file, and refuses one that cannot be kept', async () => {
    const file = stream('fast.jsonl', [
      ...Array.from({ length: 300 }, (_, k) => ({ t: k / 500, velocity: [1, 0, 0, 0, 0, 0, 0] })),
    ]);
    const shipped = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'robots', 'panda', 'panda.envelope.json'), 'utf8'));
    const slow = structuredClone(shipped);
    slow.joints[0].velocity_rad_per_s = 0.3;
    const envelope = join(scratch, 'slow.json');
    writeFileSync(envelope, JSON.stringify(slow));
    const args = ['gate', '--in', file, '--out', OUT, '--lease', 'always', '--envelope', envelope, '--json'];
    const { code, stdout } = await hostedCli(args, scratch);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).max_utilisation.velocity).toBeCloseTo(1, 6);
    expect(Math.max(...rows().map(({ velocity }) => velocity[0]))).toBeLessThanOrEqual(0.3 * (1 + 1e-9));
    slow.joints[1].effort_Nm = 5;
    writeFileSync(envelope, JSON.stringify(slow));
    rmSync(OUT);
    const refused = await hostedCli(args, scratch);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/joints\.1\.effort_Nm/);
    expect(existsSync(OUT)).toBe(false);
  });

  it('reads the same from a pipe as from a file', async () => {
    const file = stream('pipe.jsonl', sine(50));
    const gate = `"${process.execPath}" "${join(PACKAGE_ROOT, 'scripts', 'surepick.mjs')}" gate`;
    const options = ['--out', OUT, '--lease', 'always'];
    expect(await hostedCli(['gate', '--in', file, ...options], scratch)).toMatchObject({ code: 0 });
    const plain = readFileSync(OUT, 'utf8');
    rmSync(OUT);
    const { status } = spawnSync('sh', ['-c', `cat "${file}" | ${gate} --in /dev/stdin --out "${OUT}" --lease always`]);
    expect({ status, text: readFileSync(OUT, 'utf8') }).toEqual({ status: 0, text: plain });
  });
});
