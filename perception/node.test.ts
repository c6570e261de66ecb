import { describe, expect, it } from 'vitest';
import {
  CAMERAS,
  type Detections,
  InProcessBus,
  SILENT_LOG,
  SimClock,
  type StageLatency,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';
import type { Detector, RgbdFrame } from './detector.ts';
import { PerceptionNode, type PerceptionNodeOptions } from './node.ts';

/** Answers with an empty table after a turn of the event loop; notes what it was asked. */
function recorder(asked: RgbdFrame[]): Detector {
  return {
    source: 'classical',
    model: 'recorder',
    model_sha256: null,
    degraded_reason: '',
    masks: [],
    timing: { pre_s: 0.001, model_s: 0.002, post_s: 0.003 },
    close: async () => {},
    detect: async (frame): Promise<Detections> => {
      asked.push(frame);
      await new Promise((resolve) => setImmediate(resolve));
      if (frame.colour.data[0] === 99) throw new Error('cannot see');
      return {
        stamp_ns: frame.colour.stamp_ns,
        frame_id: 'world',
        request_id: frame.request_id,
        source: 'classical',
        degraded_reason: frame.colour.data[0] === 98 ? 'no network' : '',
        model: 'recorder',
        detections: [],
      };
    },
  };
}

async function rig(options: Partial<PerceptionNodeOptions> = {}, validate = true) {
  const bus = new InProcessBus({ validate });
  const clock = new SimClock();
  const asked: RgbdFrame[] = [];
  const errors: string[] = [];
  const note = (_: object, message: string) => void errors.push(message);
  const log = { ...SILENT_LOG, error: note, warn: note };
  const node = new PerceptionNode({ detector: recorder(asked), ...options });
  await node.configure({ bus, clock, log });
  node.activate();
  const heard: { at_s: number; message: Detections }[] = [];
  const latencies: StageLatency[] = [];
  bus.subscribe(TOPICS.latency, 'test', (latency) => void latencies.push(latency));
  const listen = () =>
    bus.subscribe(
      TOPICS.detections,
      'test',
      (message) => void heard.push({ at_s: Number(clock.now_ns()) / 1e9, message }),
    );
  const to = async (time_s: number) => {
    clock.advance(secondsToStamp(time_s));
    await bus.settled();
  };
  const parts = (stamp_s: number, first = 0) => {
    const header = { stamp_ns: secondsToStamp(stamp_s), frame_id: 'c', width: 1, height: 1 };
    return {
      colour: () => bus.publish(CAMERAS.overview.colour, { ...header, data: Uint8Array.of(first, 0, 0) }),
      depth: () => bus.publish(CAMERAS.overview.depth, { ...header, data: new Float32Array(1) }),
      info: () =>
        bus.publish(CAMERAS.overview.info, {
          ...header,
          name: 'overview',
          K: [1, 0, 0, 0, 1, 0, 0, 0, 1],
          D: [0, 0, 0, 0, 0],
          distortion_model: 'plumb_bob',
          T_world_camera_optical: new Array<number>(16).fill(0),
        }),
    };
  };
  return { bus, node, asked, errors, heard, latencies, listen, to, parts };
}

describe('PerceptionNode', () => {
  it('takes no drawing of a picture for time of its detector', async () => {
    const order: string[] = [];
    const seeing = recorder([]);
    const detector: Detector = {
      ...seeing,
      detect(frame) {
        order.push('asked');
        return seeing.detect(frame);
      },
    };
    const { bus, listen, parts, to } = await rig({ detector }, false);
    listen();
    const part = parts(0.1);
    const header = { stamp_ns: secondsToStamp(0.1), frame_id: 'c', width: 1, height: 1 };
    const drawn = {
      ...header,
      get data() {
        order.push('drawn');
        return Uint8Array.of(1, 2, 3);
      },
    };
    bus.publish(CAMERAS.overview.colour, drawn);
    part.depth();
    part.info();
    expect(order).toEqual([]);
    await to(0.11);
    expect(order.slice(0, 2)).toEqual(['drawn', 'asked']);
  });

  it('joins images of equal stamp in any order, and publishes after the modelled latency', async () => {
    const { listen, parts, to, asked, heard, latencies } = await rig({ processing_latency_s: 0.02 });
    listen();
    await to(0.1);
    const [a, b] = [parts(0.1), parts(0.2)];
    a.depth();
    b.colour();
    b.depth();
    a.info();
    expect(asked).toHaveLength(0);
    a.colour();
    await to(0.119);
    expect(asked).toHaveLength(0);
    await to(0.13);
    expect(heard.map(({ at_s, message }) => [at_s, message.stamp_ns, message.request_id])).toEqual([
      [0.13, 100_000_000n, 'overview/0'],
    ]);
    expect(asked[0].depth.stamp_ns).toBe(asked[0].colour.stamp_ns);
    expect(latencies).toEqual([
      expect.objectContaining({
        stage: 'perceive',
        request_id: 'overview/0',
        pre_s: 0.001,
        model_s: 0.002,
        post_s: 0.003,
      }),
    ]);
  });

  it('leaves frames alone that nobody would read, if told to, and counts them', async () => {
    const { listen, parts, to, asked, heard } = await rig({ only_when_subscribed: true });
    const send = (stamp_s: number) => Object.values(parts(stamp_s)).forEach((part) => void part());
    send(0.1);
    await to(0.2);
    expect(asked).toHaveLength(0);
    send(0.2);
    const subscription = listen();
    await to(0.3);
    expect(heard.map(({ message }) => message.request_id)).toEqual(['overview/1']);
    subscription.unsubscribe();
    send(0.3);
    await to(0.4);
    expect(asked).toHaveLength(1);
  });

  it('drops frames that come while one is in work, keeping the newest', async () => {
    const { bus, listen, parts, heard, latencies } = await rig({ processing_latency_s: 0 });
    listen();
    for (const stamp of [0.1, 0.2, 0.3, 0.4]) Object.values(parts(stamp)).forEach((part) => void part());
    await bus.settled();
    expect(heard.map(({ message }) => message.stamp_ns)).toEqual([100_000_000n, 400_000_000n]);
    expect(latencies[1].dropped).toBe(2);
  });

  it('drops what is too old when its turn comes, whatever it waited for, and counts what became of every frame', async () => {
    const { bus, node, listen, parts, to, asked, heard, errors } = await rig({
      ...{ processing_latency_s: 0.02, deadline_s: 0.1 },
    });
    listen();
    const send = (stamp_s: number, first = 0) => Object.values(parts(stamp_s, first)).forEach((part) => void part());
    await to(0.5);
    send(0.415);
    send(0.41);
    await to(0.53);
    expect(asked).toHaveLength(0);
    send(0.45);
    await to(0.55);
    expect(heard).toHaveLength(1);
    send(0.53, 99);
    await to(0.6);
    for (const stamp_s of [0.58, 0.59, 0.6]) send(stamp_s);
    await to(0.62);
    await bus.settled();
    const { frames_answered, frames_dropped, frames_stale, frames_failed, frames_queued } = node.diagnostics();
    expect({ frames_answered, frames_dropped, frames_stale, frames_failed, frames_queued }).toEqual({
      ...{ frames_answered: 3, frames_dropped: 4, frames_stale: 2, frames_failed: 1, frames_queued: 0 },
    });
    expect(errors.filter((error) => error === 'frame too old')).toHaveLength(2);
  });

  it('reports a frame that cannot be used and goes on', async () => {
    const { listen, parts, to, heard, errors } = await rig();
    listen();
    Object.values(parts(0.1, 99)).forEach((part) => void part());
    await to(0.2);
    Object.values(parts(0.2)).forEach((part) => void part());
    await to(0.3);
    expect(errors).toEqual(['frame not used']);
    expect(heard.map(({ message }) => message.request_id)).toEqual(['overview/1']);
  });

  it('warns once when the network is gone, and again after it was back', async () => {
    const { listen, parts, to, errors } = await rig();
    listen();
    for (const [i, first] of [98, 98, 0, 98].entries()) {
      Object.values(parts((i + 1) / 10, first)).forEach((part) => void part());
      await to((i + 2) / 10);
    }
    expect(errors).toEqual(['degraded', 'degraded']);
  });

  it('says nothing after it is deactivated, and starts anew', async () => {
    const { node, listen, parts, to, heard } = await rig();
    listen();
    Object.values(parts(0.1)).forEach((part) => void part());
    node.deactivate();
    await to(0.2);
    expect(heard).toHaveLength(0);
    node.activate();
    Object.values(parts(0.2)).forEach((part) => void part());
    await to(0.3);
    expect(heard).toHaveLength(1);
  });
});
