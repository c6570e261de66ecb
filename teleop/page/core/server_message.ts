import type { ServerMessage } from '../../protocol/messages.ts';

const TYPES: Readonly<Record<ServerMessage['type'], true>> = {
  welcome: true,
  state: true,
  scene: true,
  alarms: true,
  latency: true,
  counters: true,
  escalations: true,
  policies: true,
  reply: true,
  pong: true,
  refused: true,
};

/** A message of the server of this page, which is of the same build; null for what is none. */
export function readServerMessage(text: unknown): ServerMessage | null {
  try {
    const message: unknown = JSON.parse(String(text));
    return isServerMessage(message) ? message : null;
  } catch {
    return null;
  }
}

function isServerMessage(message: unknown): message is ServerMessage {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false;
  return typeof message.type === 'string' && Object.hasOwn(TYPES, message.type);
}
