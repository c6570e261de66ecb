import { expect, it } from 'vitest';
import { InProcessBus, TOPICS } from '../../contracts/index.ts';
import { rosSamples } from '../../test/support/ros_samples.ts';
import type { PictureMask } from './mask.ts';
import { MaskedBus } from './masked_bus.ts';

const withholdsAll: PictureMask = {
  rules: { regions: [], depth: [], people: [] } as unknown as PictureMask['rules'],
  ...{ told: ['everything'], withheld: new Map(), take: () => [], close: () => {} },
};

it('hands on questions to people without their pictures, and everything else of them', () => {
  const bus = new InProcessBus();
  const heard: unknown[] = [];
  const subscription = new MaskedBus(bus, withholdsAll, 'recorder').subscribe(
    TOPICS.escalations,
    'recorder',
    (question) => void heard.push(question),
  );
  const samples = rosSamples(4);
  const asked = Array.from({ length: 20 }, () => ({
    ...samples.draw(TOPICS.escalations.schema),
    ...{ image_format: 'png' as const, image: Uint8Array.of(1, 2, 3) },
  }));
  for (const question of asked) bus.publish(TOPICS.escalations, question);
  expect(heard).toEqual(asked.map((question) => ({ ...question, image_format: '', image: new Uint8Array(0) })));
  const ends = samples.draw(TOPICS.escalation_ends.schema);
  const told: unknown[] = [];
  new MaskedBus(bus, withholdsAll, 'recorder').subscribe(
    TOPICS.escalation_ends,
    'recorder',
    (end) => void told.push(end),
  );
  bus.publish(TOPICS.escalation_ends, ends);
  expect(told).toEqual([ends]);
  subscription.unsubscribe();
});
