import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { chosenSubprotocol, parseClientMessage } from './protocol.ts';

describe('the subprotocol', () => {
  it('is the newest of those offered, whatever the order', () => {
    expect(chosenSubprotocol(['foxglove.websocket.v1', 'foxglove.sdk.v1'])).toBe('foxglove.sdk.v1');
    expect(chosenSubprotocol(['foxglove.websocket.v1'])).toBe('foxglove.websocket.v1');
    for (const offered of [[], ['foxglove.websocket.v2'], ['surepick.token.a']])
      expect(chosenSubprotocol(offered)).toBeNull();
  });
});

describe('what a client asks for', () => {
  it('is to read, or to read no longer', () => {
    expect(parseClientMessage('{"op":"subscribe","subscriptions":[{"id":0,"channelId":3}]}')).toEqual({
      ...{ op: 'subscribe', subscriptions: [{ id: 0, channelId: 3 }] },
    });
    expect(parseClientMessage('{"op":"unsubscribe","subscriptionIds":[0]}')).not.toBeNull();
  });

  it.each([
    ...['advertise', 'unadvertise', 'setParameters', 'getParameters', 'subscribeParameterUpdates', 'fetchAsset'],
    ...['subscribeConnectionGraph', 'serviceCallRequest', '__proto__', 'constructor', ''],
  ])('is nothing else: %s', (op) => {
    expect(parseClientMessage(JSON.stringify({ op, channels: [], subscriptions: [] }))).toBeNull();
  });

  it('is no other shape, of 10,000', () => {
    const rng = createRng(9);
    const good = '{"op":"subscribe","subscriptions":[{"id":1,"channelId":2}]}';
    for (let i = 0; i < 10_000; i++) {
      const at = rng.int(good.length);
      const text = good.slice(0, at) + String.fromCharCode(32 + rng.int(95)) + good.slice(at + rng.int(3));
      const parsed = parseClientMessage(text);
      if (parsed === null) continue;
      const numbers =
        parsed.op === 'subscribe' ? parsed.subscriptions.flatMap(({ id, channelId }) => [id, channelId]) : [];
      for (const number of numbers) expect(Number.isSafeInteger(number) && number >= 0, text).toBe(true);
    }
    for (const text of [
      '',
      'null',
      '[]',
      '1',
      '{"op":"subscribe"}',
      '{"op":"subscribe","subscriptions":[{"id":-1,"channelId":1}]}',
    ])
      expect(parseClientMessage(text), text).toBeNull();
  });
});
