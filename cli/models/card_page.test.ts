import { expect, it } from 'vitest';
import { type ModelManifest, ModelRepository, modelManifest } from '../../perception/index.ts';
import { shippedPin } from '../../test/support/models.ts';
import type { CheckedModel } from './all_models.ts';
import { renderModelCard } from './card_page.ts';

const HOSTILE = `<script>alert(1)</script><img src=x>"'&`;
const share = { value: 0.021, unit: '1', interval95: [0.01, 0.03], count: 4000 } as const;

async function shipped(): Promise<ModelManifest> {
  const { name, version } = shippedPin();
  return (await new ModelRepository().load(`${name}@${version}`)).manifest;
}

function checked({ name, version, sha256, bytes }: ModelManifest, change: Partial<CheckedModel> = {}): CheckedModel {
  const state = { origin: 'own', state: 'unsigned', signed_by: '', problem: '', golden: null, ok: true } as const;
  return { name, version, sha256, bytes, ...state, ...change };
}

it('shows numbers with their intervals, the calibration with its diagram, limits and who vouches', async () => {
  const manifest = modelManifest.parse({
    ...(await shipped()),
    metrics: [{ set: 'held out', seed: 5, pictures: 1000, values: { recall: { ...share, value: 0.9812 } } }],
    calibration: {
      fitted_on: { set: 'a split of its own', seed: 3, objects: 4000 },
      ...{ temperature: 1.3, conformal: { level: 0.95, quantile: 0.4 }, costs: { wrong_pick: 20 }, thresholds: {} },
      measured: { calibration_error: share },
      reliability: [{ confidence: 0.9, accuracy: 0.88, count: 200 }],
    },
    limits: ['not in the dark'],
  });
  const page = renderModelCard(manifest, checked(manifest, { state: 'trusted', signed_by: 'Ada' }));
  for (const told of ['held out', '98.12 %', '1 to 3', 'not in the dark', 'signed by Ada', 'a split of its own'])
    expect(page, told).toContain(told);
  expect(page).toMatch(/<svg [^>]*aria-label="reliability"/);
  expect(page).not.toContain('has no calibration');
  const { calibration: _, ...without } = manifest;
  expect(renderModelCard(without, checked(without))).toContain('has no calibration');
});

it('shows what a stranger wrote as text, and lets nothing in that is not its own', async () => {
  const manifest = await shipped();
  // As a manifest may be: the page is not where strange names are refused.
  const hostile = modelManifest.parse({
    ...manifest,
    description: HOSTILE,
    limits: [HOSTILE],
    classes: manifest.classes.map((one, k) => ({ ...one, name: `${k}${HOSTILE}`.slice(0, 60) })),
    training: { ...manifest.training, [HOSTILE]: HOSTILE, command: HOSTILE },
    metrics: [{ set: HOSTILE, seed: 1, pictures: 1, values: { [HOSTILE]: { value: 1, unit: '<i>' } } }],
  });
  const page = renderModelCard(hostile, checked(manifest, { signed_by: HOSTILE, problem: HOSTILE }));
  expect(page).not.toContain('<script>alert');
  expect(page).not.toContain('<img src=x');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;/);
});
