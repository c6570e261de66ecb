import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './cli.ts';
import { hostedCli } from './cli_host.ts';
import { shippedModel } from './models.ts';
import { foreignOnnx } from './onnx_bytes.ts';

/** Of the cases that share one process, every so many has one of its own, which has to end by itself too. */
const ALONE = 40;

/**
 * Input that cannot be used, at the command line: exit code 2, one line that says why, nothing on stdout, no file.
 *
 * @param processes  a process for `each` case, or one that they `share`
 */
export function describeBadInput(processes: 'each' | 'share'): void {
  const scratch = mkdtempSync(join(tmpdir(), 'surepick-bad-input-'));
  const inputs = join(scratch, 'inputs');
  let cases = 0;

  beforeAll(() => {
    mkdirSync(inputs);
    writeFileSync(join(inputs, 'cases.json'), JSON.stringify({ cases: [{ q: [0], v: [0], tau: [0], a: [0] }] }));
    writeFileSync(join(inputs, 'file.txt'), 'a file, no folder');
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** Exit code 2, one line on stderr that contains `said`, nothing on stdout, and not one file written. */
  async function refused(args: readonly string[], said: RegExp): Promise<void> {
    const cwd = join(scratch, `cwd-${++cases}`);
    mkdirSync(cwd);
    const before = readdirSync(inputs);
    const alone = processes === 'each' || cases % ALONE === 0;
    const { code, stdout, stderr } = await (alone ? cli : hostedCli)(args, cwd);
    expect({ code, stdout, lines: stderr.split('\n').length - 1, stderr }).toEqual({
      code: 2,
      stdout: '',
      lines: 1,
      stderr,
    });
    expect(stderr).toMatch(said);
    expect(readdirSync(cwd)).toEqual([]);
    expect(readdirSync(inputs)).toEqual(before);
  }

  describe('arguments that cannot be used', () => {
    it.each<[string[], RegExp]>([
      [['pick'], /pick.*run, sim/],
      [['models', 'mend'], /mend.*models --help/],
      [['models', 'verify', '../vision'], /model '\.\.\/vision'.*NAME@VERSION/],
      [['models', 'card', 'vision@1.0.0/..', '--json'], /NAME@VERSION/],
      [['models', 'sign', 'none', '--models', 'none'], /model none in none.*none yet/],
      [['models', 'trust', 'none.json'], /none\.json.*64 hex digits/],
      [['sim', '--model', '../../etc/passwd'], /an \.onnx file/],
      [['sim', '--model', 'vision@..'], /model 'vision@\.\.'.*NAME@VERSION/],
      [['run', '--task', 'juggle'], /juggle.*pick-place/],
      [['sim', '--engine', 'bullet'], /bullet.*cannon/],
      [['sim', '--policy', 'magic'], /magic.*stack/],
      [['sim', '--policy', 'stack', '--observation', 'state'], /state.*rgbd/],
      [['run', '--episodes', '0'], /--episodes.*'0'.*at least 1|--episodes.*0.*from 1/],
      [['run', '--episodes', '-1'], /--episodes.*-1.*1/],
      [['sim', '--episodes', 'x'], /--episodes.*x.*1/],
      [['sim', '--episodes', '1.5'], /--episodes.*1\.5/],
      [['sim', '--workers', '0'], /--workers.*0/],
      [['sim', '--seed', 'today'], /--seed.*today/],
      [['sim', '--seed', '9007199254740993'], /--seed.*to 9007199254740991/],
      [['sim', '--pace', 'fast'], /--pace.*fast.*realtime/],
      [['sim', '--min-success', '2'], /--min-success.*2/],
      [['run', '--colour', 'red'], /--colour/],
      [['run', 'twice'], /too many arguments|twice/],
      [['gate', '--in', 'x.jsonl'], /--out.*gate --help/],
      [['gate', '--in', 'none.jsonl', '--out', 'o.jsonl'], /none\.jsonl.*ENOENT/],
      [['gate', '--in', 'none.jsonl', '--out', 'o.jsonl', '--hz', '0'], /--hz.*0.*10 to 10000/],
      [['gate', '--in', 'none.jsonl', '--out', 'o.jsonl', '--lease', 'never'], /never.*always/],
      [['gate', '--in', 'none.jsonl', '--out', 'o.jsonl', '--robot', 'none.urdf'], /none\.urdf/],
      [['gate', '--in', 'none.jsonl', '--out', 'o.jsonl', '--envelope', 'none.json'], /none\.json.*ENOENT/],
    ])('surepick %j', (args, said) => refused(args, said));
  });

  describe('an output folder that cannot be written', () => {
    it('below a file', () =>
      refused(['run', '--episodes', '1', '--out', join(inputs, 'file.txt', 'run')], /file\.txt/));

    it('a file itself', () => refused(['run', '--episodes', '1', '--out', join(inputs, 'file.txt')], /file\.txt/));

    it('for the trace', () =>
      refused(['run', '--episodes', '1', '--trace', join(inputs, 'none', 'trace.jsonl')], /--trace.*none/));

    it.runIf(process.platform === 'linux')('for the trace, because the disk is full', () =>
      refused(['sim', '--episodes', '1', '--trace', '/dev/full'], /--trace \/dev\/full.*ENOSPC/),
    );

    it.runIf(process.platform === 'linux')('in a file system that takes no files', () =>
      refused(['run', '--episodes', '1', '--out', '/proc/surepick'], /\/proc\/surepick/),
    );
  });

  describe('a model file that cannot be used', () => {
    const model = (name: string, bytes: Uint8Array) => {
      const path = join(inputs, name);
      writeFileSync(path, bytes);
      return path;
    };
    const sim = (path: string) => ['sim', '--episodes', '1', '--model', path];
    const run = (path: string) => ['run', '--episodes', '1', '--model', path, '--out', 'out'];

    it('absent', () => refused(sim(join(inputs, 'absent.onnx')), /absent\.onnx/));

    it.runIf(processes === 'each')('corrupt', () =>
      refused(
        sim(
          model(
            'corrupt.onnx',
            Uint8Array.from({ length: 4096 }, (_, i) => (i * 197) % 256),
          ),
        ),
        /corrupt\.onnx/,
      ),
    );

    it.runIf(processes === 'each')('empty', () => refused(run(model('empty.onnx', new Uint8Array())), /empty\.onnx/));

    it('truncated', () => {
      const whole = readFileSync(shippedModel());
      return refused(sim(model('truncated.onnx', whole.subarray(0, whole.length / 2))), /truncated\.onnx/);
    });

    it('foreign: a sound network with other inputs and outputs', () =>
      refused(sim(model('foreign.onnx', foreignOnnx())), /foreign\.onnx/));
  });

  describe('a robot description that cannot be used', () => {
    const link = (name: string, visual = '') =>
      `<link name="${name}"><inertial><mass value="1"/><inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/></inertial>${visual}</link>`;
    const joint = (
      name: string,
      parent: string,
      child: string,
      limit = '<limit lower="-1" upper="1" effort="1" velocity="1"/>',
    ) =>
      `<joint name="${name}" type="revolute"><parent link="${parent}"/><child link="${child}"/><axis xyz="0 0 1"/>${limit}</joint>`;
    const mesh = '<collision><geometry><mesh filename="package://absent/arm.stl"/></geometry></collision>';

    it.each<[string, string, RegExp]>([
      ['no XML', 'robot: panda', /no_XML|XML/],
      ['unclosed', '<robot name="r"><link name="a">', /unclosed/],
      ['missing mesh', link('a') + link('b', mesh) + joint('j', 'a', 'b'), /arm\.stl/],
      ['joint without limits', link('a') + link('b') + joint('j', 'a', 'b', ''), /\bj\b.*limit/],
      ['loop', link('a') + link('b') + joint('j', 'a', 'b') + joint('k', 'b', 'a'), /loop|cycle|root/],
      [
        'two parents',
        link('a') + link('b') + link('c') + joint('j', 'a', 'c') + joint('k', 'b', 'c') + joint('l', 'a', 'b'),
        /\bc\b/,
      ],
      ['unknown link', link('a') + joint('j', 'a', 'nowhere'), /nowhere/],
      ['mass not a number', `${link('a')}${link('b').replace('"1"/>', '"heavy"/>')}${joint('j', 'a', 'b')}`, /heavy/],
    ])('%s', (name, body, said) => {
      const path = join(inputs, `${name.replaceAll(' ', '_')}.urdf`);
      writeFileSync(path, body.startsWith('<link') && name !== 'unclosed' ? `<robot name="r">${body}</robot>` : body);
      return refused(
        ['dynamics', '--robot', path, '--in', join(inputs, 'cases.json'), '--out', join(inputs, 'out.json')],
        said,
      );
    });

    it('absent', () =>
      refused(
        ['dynamics', '--robot', join(inputs, 'absent.urdf'), '--in', join(inputs, 'cases.json'), '--out', 'out.json'],
        /absent\.urdf/,
      ));
  });
}
