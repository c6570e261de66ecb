import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { envelopeForRobot, isTighter } from '../../safety/index.ts';
import { writePeopleModel } from '../../test/support/people_model.ts';
import { withFolder } from '../../test/support/recording.ts';
import { nodeSchema } from '../graph.ts';
import { wantedOf } from './approved_things.ts';

const envelope = envelopeForRobot(loadRobot('panda', { visualMeshes: false }));
const hashOf = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What a cell with a recorder of these parameters wants, but for what every cell wants. */
function wanted(parameters: Readonly<Record<string, unknown>>) {
  const node = {
    ...nodeSchema.parse({ kind: 'recorder', parameters }),
    name: 'recorder',
    process: 'recorder',
    busy_s: 2,
  };
  return wantedOf({ nodes: [node], programs: [] }, envelope, 'scripted').filter(
    ({ what }) => what !== 'envelope' && what !== 'autonomy',
  );
}

const documentsOf = (parameters: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(wanted(parameters).map(({ what, document }) => [what, document]));

describe('the recorder of a real arm', () => {
  it('is asked about as an outlet, with its folder', () => {
    expect(documentsOf({})).toMatchObject({ 'outlet/recorder': { told: 'recorder runs', sha256: '' } });
    expect(documentsOf({ folder: '/data/cups' })).toMatchObject({
      'outlet/recorder': { told: 'recorder /data/cups', sha256: '' },
    });
  });

  it('is asked about again when its masks are dropped, changed, or lie in another folder', () =>
    withFolder(async (folder) => {
      const masks = join(folder, 'masks.yaml');
      const text = 'schema: surepick/masks\nversion: 1\ncameras: { "*": { regions: [{ box: [0, 0, 64, 64] }] } }\n';
      writeFileSync(masks, text);
      const subject = 'outlet/recorder';
      const first = documentsOf({ folder: '/data', masks });
      expect(first).toEqual({
        [subject]: {
          ...{ schema: 'surepick.outlet', version: 1 },
          ...{ told: `recorder /data, masked by ${masks}`, sha256: hashOf(text) },
        },
      });
      writeFileSync(masks, text.replace('64, 64', '64, 16'));
      const smaller = documentsOf({ folder: '/data', masks });
      for (const other of [smaller, documentsOf({ folder: '/data' }), documentsOf({ folder: '/else', masks })])
        expect(isTighter(subject, first[subject], other[subject])).toBe(false);
      writeFileSync(masks, text);
      expect(isTighter(subject, first[subject], documentsOf({ folder: '/data', masks })[subject])).toBe(true);
      rmSync(masks);
      expect(() => wanted({ masks })).toThrow(/masks\.yaml.*so that it can be approved/);
    }));

  it('is asked about with the network that finds people for it', () =>
    withFolder(async (folder) => {
      const masks = writePeopleModel(folder);
      const before = documentsOf({ masks })['model/recorder_people'];
      expect(before).toMatchObject({ told: expect.stringContaining(join(folder, 'people.onnx')) });
      writePeopleModel(folder, Uint8Array.of(1, 2, 3));
      expect(documentsOf({ masks })['model/recorder_people']).toMatchObject({ sha256: hashOf(Uint8Array.of(1, 2, 3)) });
      expect(before.sha256).not.toBe(hashOf(Uint8Array.of(1, 2, 3)));
    }));
});

describe('the model of a real arm', () => {
  const node = (model: string) => ({
    ...nodeSchema.parse({ kind: 'perception', parameters: { model } }),
    ...{ name: 'eye', process: 'eye', busy_s: 2 },
  });
  const modelOf = (model: string) => {
    const all = wantedOf({ nodes: [node(model)], programs: [] }, envelope, 'scripted');
    const found = all.find(({ what }) => what === 'model/eye')?.document;
    if (found === undefined) throw new Error('no model is wanted');
    return found;
  };

  it('is another one when its manifest changes, though the network does not', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'model.onnx');
      writeFileSync(file, 'network');
      writeFileSync(join(folder, 'manifest.json'), '{"preprocessing":1}');
      const before = modelOf(file);
      expect(before).toMatchObject({
        sha256: hashOf('network'),
        told: expect.stringContaining(hashOf('{"preprocessing":1}')),
      });
      writeFileSync(join(folder, 'manifest.json'), '{"preprocessing":2}');
      expect(isTighter('model/eye', before, modelOf(file))).toBe(false);
      writeFileSync(join(folder, 'manifest.json'), '{"preprocessing":1}');
      expect(isTighter('model/eye', before, modelOf(file))).toBe(true);
    }));

  it("may be one of the user's own by name and version, and nothing that leads elsewhere", () =>
    withFolder(async (folder) => {
      vi.stubEnv('SUREPICK_MODELS', folder);
      mkdirSync(join(folder, 'eye', '1.0.0'), { recursive: true });
      writeFileSync(join(folder, 'eye', '1.0.0', 'model.onnx'), 'network');
      writeFileSync(join(folder, 'model.onnx'), 'other');
      expect(modelOf('eye@1.0.0')).toMatchObject({ sha256: hashOf('network') });
      for (const reference of ['eye', 'eye@', 'eye@..', '..@..', '@', 'eye@2.0.0', 'vision@..'])
        expect(() => modelOf(reference), reference).toThrow(/models\/lock\.json, a file, or NAME@VERSION of your own/);
    }).finally(() => vi.unstubAllEnvs()));
});
