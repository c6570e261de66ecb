import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brightestOnnx } from './onnx_bytes.ts';

/** Writes a detector of people that takes for one whatever is bright, its manifest, and rules that use it; gives the rules' file. */
export function writePeopleModel(folder: string, bytes: Uint8Array = brightestOnnx(48, 32), more: object = {}): string {
  const manifest = {
    ...{ schema: 'surepick/people-detector', version: 1, name: 'brightest' },
    sha256: createHash('sha256').update(bytes).digest('hex'),
    input: { name: 'picture', layout: 'nchw', width: 48, height: 32 },
    output: { kind: 'mask', name: 'sure', shape: [1, 1, 32, 48] },
    ...more,
  };
  writeFileSync(join(folder, 'people.onnx'), bytes);
  writeFileSync(join(folder, 'people.json'), JSON.stringify(manifest));
  const rules = join(folder, 'masks.yaml');
  writeFileSync(
    rules,
    'schema: surepick/masks\nversion: 1\npeople: { model: people.onnx, score: 0.8, margin_px: 2 }\n',
  );
  return rules;
}
