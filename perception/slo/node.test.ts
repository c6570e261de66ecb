import { describe, expect, it } from 'vitest';
import { type Detections, InProcessBus, SILENT_LOG, SimClock, secondsToStamp, TOPICS } from '../../contracts/index.ts';
import { SloNode } from './node.ts';
import { readSlo } from './slo_file.ts';

async function rig() {
  const bus = new InProcessBus({ validate: true });
  const clock = new SimClock();
  const said: string[] = [];
  const log = {
    ...SILENT_LOG,
    warn: (fields: object) => void said.push(JSON.stringify(fields)),
    info: (_: object, message: string) => void said.push(message),
  };
  const node = new SloNode(readSlo());
  await node.configure({ bus, clock, log });
  node.activate();
  let [k, now_s] = [0, 0];
  const answer = (ms: number, source: Detections['source'] = 'onnx', dropped = 0, after_s = 1) => {
    k++;
    now_s += after_s;
    clock.advance(secondsToStamp(now_s));
    const stamp_ns = clock.now_ns();
    const request_id = `overview/${k}`;
    const model = source === 'onnx' ? 'vision@1' : 'classical';
    const times = { pre_s: 0, model_s: ms / 1000, post_s: 0 };
    const ran = source === 'onnx' ? { provider: 'cpu', batch: 1 } : {};
    bus.publish(TOPICS.latency, {
      ...{ stamp_ns, stage: 'perceive', request_id, ...times, queue: 1, dropped, model, ...ran },
    });
  };
  return { bus, node, answer, said };
}

/** Value of a sample of a text exposition. */
const sample = (text: string, name: string): number => {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  if (line === undefined) throw new Error(`no ${name} in\n${text}`);
  return Number(line.slice(name.length + 1));
};

describe('the node of objectives', () => {
  it('tells answered, degraded and lost frames apart, in diagnostics and metrics', async () => {
    const { node, answer } = await rig();
    expect(node.diagnostics()).toEqual({});
    for (let k = 0; k < 90; k++) answer(2);
    for (let k = 0; k < 6; k++) answer(4, 'classical', 4);
    node.addColdStart(0.25);
    const told = node.diagnostics();
    expect(told.slo_availability).toBeCloseTo(0.9, 3);
    expect(told).toMatchObject({ slo_met: 'false', slo_p50_budget_left: 0.88 });
    const text = await node.metrics.text();
    const requests = (labels: string) => sample(text, `surepick_perception_requests_total{${labels}}`);
    expect(requests('outcome="answered",model="vision@1"')).toBe(90);
    expect(requests('outcome="degraded",model="classical"')).toBe(6);
    expect(requests('outcome="lost",model="classical"')).toBe(4);
    const model = 'stage="model",model="vision@1",provider="cpu"';
    expect(sample(text, `surepick_perception_stage_seconds_count{${model}}`)).toBe(90);
    expect(sample(text, `surepick_perception_stage_seconds_sum{${model}}`)).toBeCloseTo(0.18, 9);
    expect(sample(text, 'surepick_perception_cold_start_seconds')).toBe(0.25);
    expect(sample(text, 'surepick_perception_error_budget_left{objective="availability"}')).toBeLessThan(0);
    // Every sample is of a metric that is described, as the format wants it.
    const described = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
    for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
      expect(line).toMatch(/^[a-z_0-9]+(\{([a-z_]+="[^"]*",?)*\})? -?[0-9.e+-]+$/);
      expect(described).toContain(line.replace(/[{ ].*/, '').replace(/_(bucket|sum|count)$/, ''));
    }
  });

  it('warns when a budget is spent too fast, once, and says when that is over', async () => {
    const { answer, said } = await rig();
    for (let k = 0; k < 60; k++) answer(2);
    expect(said).toEqual([]);
    for (let k = 0; k < 20; k++) answer(4, 'classical');
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('page availability');
    for (let k = 0; k < 200; k++) answer(2, 'onnx', 0, 10);
    expect(said.at(-1)).toContain('no faster than allowed');
  });

  it('does not make anybody look at frames that nobody else reads', async () => {
    const { bus } = await rig();
    expect(bus.subscribers(TOPICS.detections)).toBe(0);
  });

  it('does not count twice what a stage dropped, nor what one that began anew had dropped before', async () => {
    const { node, answer } = await rig();
    for (const dropped of [0, 3, 3, 5, 1, 1]) answer(2, 'onnx', dropped);
    expect(node.report().requests).toBe(6 + 3 + 2 + 1);
  });
});
