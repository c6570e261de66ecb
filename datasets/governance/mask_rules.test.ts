import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFolder } from '../../test/support/recording.ts';
import { readMaskRules } from './mask_rules.ts';

const head = 'schema: surepick/masks\nversion: 1\n';

describe('mask rules', () => {
  it('names the place of what cannot be a rule', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'masks.yaml');
      const rows: [string, RegExp][] = [
        [`${head}`, /masks nothing/],
        [`${head}cameras: { chest: { regions: [] } }`, /cameras are overview, wrist and \*/],
        [`${head}cameras: { overview: { regions: [{ box: [0, 0, 0, 5] }] } }`, /cameras.overview.regions.0/],
        [`${head}cameras: { overview: { regions: [{ polygon: [[0, 0], [1, 1]] }] } }`, /cameras.overview.regions.0/],
        [`${head}cameras: { overview: { depth: {} } }`, /nearer_than_m or farther_than_m/],
        [`${head}cameras: { overview: { depth: { nearer_than_m: 2, farther_than_m: 1 } } }`, /nothing is left/],
        [`${head}cameras: { overview: { dpeth: {} } }`, /dpeth/],
        ['{', /YAML or JSON file/],
        [`a: &a [1]\nb: [*a, *a]`, /YAML or JSON file/],
      ];
      for (const [text, what] of rows) {
        writeFileSync(file, text);
        expect(() => readMaskRules(file), text).toThrow(what);
      }
      expect(() => readMaskRules(join(folder, 'none.yaml'))).toThrow(/none.yaml/);
    }));
});
