import { expect, it } from 'vitest';
import { readServerMessage } from './server_message.ts';

it('takes messages of the protocol, and nothing else', () => {
  expect(readServerMessage('{"type":"pong","at_ms":1,"server_ms":2}')).toEqual({
    type: 'pong',
    at_ms: 1,
    server_ms: 2,
  });
  for (const text of [
    '',
    'null',
    '5',
    '[]',
    '{}',
    '{"type":1}',
    '{"type":"toString"}',
    '{"type":"__proto__"}',
    '{"type":',
    undefined,
  ]) {
    expect(readServerMessage(text)).toBeNull();
  }
});
