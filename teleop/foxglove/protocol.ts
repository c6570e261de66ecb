import { z } from 'zod';
import type { RosSource } from '../../ros/index.ts';

/** Both names of the protocol (foxglove/ws-protocol, docs/spec.md): of the SDK and newer apps, and of those before. */
export const SUBPROTOCOLS: readonly string[] = ['foxglove.sdk.v1', 'foxglove.websocket.v1'];

/** The newest subprotocol that a client offers; null where it offers none of this protocol. */
export function chosenSubprotocol(offered: Iterable<string>): string | null {
  const all = [...offered];
  return SUBPROTOCOLS.find((name) => all.includes(name)) ?? null;
}

const id = z.number().int().min(0).max(0xffff_ffff);

/** What a client may ask for. Everything else of the protocol changes something, and is refused. */
export const clientMessage = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('subscribe'),
    subscriptions: z.array(z.object({ id, channelId: id })).max(1000),
  }),
  z.object({ op: z.literal('unsubscribe'), subscriptionIds: z.array(id).max(1000) }),
]);
export type ClientMessage = Readonly<z.infer<typeof clientMessage>>;

/** What a client asks for in a text message; null for anything that is not read-only, not known or no JSON. */
export function parseClientMessage(text: string): ClientMessage | null {
  try {
    const parsed = clientMessage.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** @param session  another one for every start of the server: clients then forget what they know */
export function serverInfo(session: string): string {
  // No capabilities: nothing can be published, called or set.
  return JSON.stringify({ op: 'serverInfo', name: 'surepick', capabilities: [], metadata: {}, sessionId: session });
}

/** Tells a client of channels, numbered as they come, from 1. */
export function advertisement(sources: readonly Pick<RosSource, 'topic' | 'codec'>[]): string {
  const channels = sources.map(({ topic, codec }, index) => ({
    ...{ id: index + 1, topic, encoding: 'cdr', schemaName: codec.definition.name },
    ...{ schema: codec.definition.text, schemaEncoding: 'ros2msg' },
  }));
  return JSON.stringify({ op: 'advertise', channels });
}

const LEVELS = { info: 0, warning: 1, error: 2 };

export function status(level: keyof typeof LEVELS, message: string): string {
  return JSON.stringify({ op: 'status', level: LEVELS[level], message });
}

const MESSAGE_DATA = 1;
const HEADER_BYTES = 1 + 4 + 8;

/** A message of a subscription as it goes over the wire. @param log_ns  when it was received, ns */
export function messageData(subscription: number, log_ns: bigint, data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + data.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, MESSAGE_DATA);
  view.setUint32(1, subscription, true);
  view.setBigUint64(5, log_ns, true);
  frame.set(data, HEADER_BYTES);
  return frame;
}
