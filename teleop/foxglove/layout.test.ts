import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { createChannels, type RosSource } from '../../ros/index.ts';

type Place = string | { readonly first: Place; readonly second: Place };
const place: z.ZodType<Place> = z.union([
  z.string(),
  z.object({ direction: z.enum(['row', 'column']), first: z.lazy(() => place), second: z.lazy(() => place) }),
]);
const layoutFile = z.object({ configById: z.record(z.string(), z.unknown()), layout: place });

const text = readFileSync(join(PACKAGE_ROOT, 'teleop', 'foxglove', 'layout.json'), 'utf8');
const panelsOf = (at: Place): string[] =>
  typeof at === 'string' ? [at] : [...panelsOf(at.first), ...panelsOf(at.second)];

describe('the layout for Foxglove', () => {
  it('places every panel once', () => {
    const { configById, layout } = layoutFile.parse(JSON.parse(text));
    expect(panelsOf(layout).sort()).toEqual(Object.keys(configById).sort());
  });

  it('shows topics that are served, and fields that they have', () => {
    const { overview, wrist, ...others } = createChannels();
    const sources: RosSource[] = [...Object.values(overview), ...Object.values(wrist), ...Object.values(others)];
    const served = new Map(sources.map(({ topic, codec }) => [topic, codec.definition.text]));
    const shown = [...text.matchAll(/"(\/[a-z][^".]*)((?:\.[a-z_]+)*)(?:\[\d+\])?"/g)];
    expect(shown.length).toBeGreaterThan(12);
    for (const [, topic, path] of shown) {
      expect([...served.keys()], topic).toContain(topic);
      for (const field of path.split('.').filter((name) => name !== ''))
        expect(served.get(topic), `${topic} ${field}`).toMatch(new RegExp(`\\b${field}\\b`));
    }
  });
});
