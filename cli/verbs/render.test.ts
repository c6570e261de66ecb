import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { decode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createRng, InputError } from '../../contracts/index.ts';
import { createTask, project, unproject } from '../../sim/index.ts';
import { addRender } from './render.ts';

const FILES = ['camera.json', 'depth.png', 'rgb.png', 'segmentation.png'];
const cameraFile = z.strictObject({
  width: z.number(),
  height: z.number(),
  K: z.array(z.number()).length(9),
  D: z.array(z.number()).length(5),
  distortion_model: z.literal('plumb_bob'),
  T_world_camera_optical: z.array(z.number()).length(16),
  near_m: z.number(),
  far_m: z.number(),
  labels: z.record(z.string(), z.string()),
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'render-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function render(...args: string[]): Promise<void> {
  const program = new Command('surepick').exitOverride().configureOutput({ writeErr: () => undefined });
  addRender(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(['render', ...args], { from: 'user' });
}

function pixels(
  out: string,
  name: string,
): { width: number; height: number; depth: number; channels: number; data: ArrayLike<number> } {
  return decode(readFileSync(join(out, name)));
}

describe('render', () => {
  test('the four files agree with one another and with the world of that seed', async () => {
    for (const seed of [0, 5]) {
      const out = join(folder, `pictures/${seed}`);
      await render('--seed', `${seed}`, '--out', out);
      expect(readdirSync(out).sort()).toEqual(FILES);
      const camera = cameraFile.parse(JSON.parse(readFileSync(join(out, 'camera.json'), 'utf8')));
      const [rgb, depth, segmentation] = ['rgb.png', 'depth.png', 'segmentation.png'].map((name) => pixels(out, name));
      for (const image of [rgb, depth, segmentation]) expect([image.width, image.height]).toEqual([320, 240]);
      expect([rgb.depth, rgb.channels, depth.depth, depth.channels]).toEqual([8, 3, 16, 1]);
      expect([segmentation.depth, segmentation.channels]).toEqual([16, 1]);
      const { scene } = createTask('pick-place').reset(createRng(seed).stream('episode/0').stream('task'));
      scene.objects.forEach((object, i) => {
        expect(camera.labels[10 + i]).toBe(object.name);
        const top = 2 * object.pose.position[2];
        const [u, v, z] = project(camera, [object.pose.position[0], object.pose.position[1], top]);
        const pixel = Math.round(v) * camera.width + Math.round(u);
        expect(segmentation.data[pixel], object.name).toBe(10 + i);
        expect(Math.abs(depth.data[pixel] / 1000 - z), object.name).toBeLessThan(0.003);
      });
      for (let i = 0; i < 320 * 240; i += 7) {
        if (segmentation.data[i] !== 1 || depth.data[i] === 0) continue;
        const point = unproject(camera, i % 320, Math.floor(i / 320), depth.data[i] / 1000);
        const side = Math.abs(point[2]) < 0.001 || point[0] < 0.152;
        if (!side) expect.fail(`table pixel ${i} lies at height ${point[2]}`);
      }
    }
  });

  test('any size, the same bytes each time, and the wrist camera', async () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    for (const out of [a, b]) await render('--camera', 'wrist', '--width', '201', '--height', '1', '--out', out);
    for (const name of FILES) expect(readFileSync(join(a, name)).equals(readFileSync(join(b, name)))).toBe(true);
    expect(pixels(a, 'rgb.png')).toMatchObject({ width: 201, height: 1 });
  });

  test.each([
    ['--camera', 'front'],
    ['--task', 'juggle'],
    ['--width', '0'],
    ['--width', '4097'],
    ['--height', 'x'],
    ['--seed', '-1'],
  ])('%s %s is refused with what is allowed, and nothing is written', async (flag, value) => {
    const out = join(folder, 'never');
    const error = await render(flag, value, '--out', out).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(CommanderError);
    expect(error).toHaveProperty('exitCode', 1);
    expect(String(error)).toMatch(/Allowed/);
    expect(existsSync(out)).toBe(false);
  });

  test('a folder that cannot be written is refused in one line and left as it was', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'kept');
    for (const out of [file, join(file, 'below')]) {
      const error = await render('--out', out).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(InputError);
      expect(String(error)).toContain(`--out ${out}`);
    }
    expect(readFileSync(file, 'utf8')).toBe('kept');
    expect(readdirSync(folder)).toEqual(['file']);
  });
});
