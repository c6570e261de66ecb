import { z } from 'zod';

export const LINK_VERSION = 1;

const name = z.string().min(1).max(300);
const id = z.int().nonnegative();
const bytes = z.number().nonnegative();
const backpressure = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('latest') }),
  z.object({ kind: z.literal('queue'), depth: z.int().min(1).max(1_000_000) }),
]);
/** What has to be known of a topic to carry it. */
const topic = z.object({ name, durability: z.enum(['volatile', 'transient_local']), backpressure });
export type TopicOnLink = z.infer<typeof topic>;

/** Why something failed; `input`: an InputError. */
const failure = z.object({ message: z.string(), input: z.boolean() });
export type LinkFailure = z.infer<typeof failure>;

const payload = z.unknown();
const status = z.enum(['succeeded', 'aborted', 'canceled']);

/** From a remote bus to its host. Numbers of subscriptions, calls and goals are the remote's, of requests the host's. */
export const toHost = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('subscribe'), id, topic, subscriber: z.string().max(300) }),
  z.object({ kind: z.literal('unsubscribe'), id }),
  z.object({ kind: z.literal('publish'), topic, lost: id, message: payload }),
  z.object({ kind: z.literal('ack'), lane: name, bytes }),
  z.object({ kind: z.literal('call'), id, service: name, request: payload }),
  z.object({ kind: z.literal('serve'), service: name }),
  z.object({ kind: z.literal('unserve'), service: name }),
  z.object({ kind: z.literal('response'), id, response: payload, failure: failure.nullable() }),
  z.object({ kind: z.literal('send_goal'), id, action: name, goal: payload }),
  z.object({ kind: z.literal('cancel'), id }),
  z.object({ kind: z.literal('serve_action'), action: name }),
  z.object({ kind: z.literal('unserve_action'), action: name }),
  z.object({ kind: z.literal('goal_feedback'), id, feedback: payload }),
  z.object({ kind: z.literal('goal_end'), id, end: z.enum(['succeed', 'abort']), result: payload }),
  z.object({ kind: z.literal('ping'), id }),
]);
export type ToHost = z.infer<typeof toHost>;

/** From the host of a bus to a remote one. */
export const toRemote = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hello'),
    version: z.literal(LINK_VERSION),
    now_ns: z.bigint(),
    readers: z.array(z.object({ topic: name, names: z.array(z.string()) })),
  }),
  z.object({ kind: z.literal('time'), now_ns: z.bigint() }),
  /** From now on the subscription gets what is published; `retained`: what it gets at once, if anything. */
  z.object({ kind: z.literal('subscribed'), id, retained: z.array(payload).max(1) }),
  z.object({ kind: z.literal('message'), topic: name, lost: id, message: payload }),
  z.object({ kind: z.literal('ack'), lane: name, bytes }),
  /** Who else reads a topic. */
  z.object({ kind: z.literal('readers'), topic: name, names: z.array(z.string()) }),
  z.object({ kind: z.literal('answer'), id, response: payload, failure: failure.nullable() }),
  z.object({ kind: z.literal('request'), id, service: name, request: payload }),
  /** What was to be subscribed, published or served is not. */
  z.object({ kind: z.literal('refused'), name, reason: z.string() }),
  z.object({ kind: z.literal('feedback'), id, feedback: payload }),
  z.object({ kind: z.literal('result'), id, status, result: payload }),
  z.object({ kind: z.literal('goal_refused'), id, reason: z.string() }),
  z.object({ kind: z.literal('goal'), id, action: name, goal: payload }),
  z.object({ kind: z.literal('goal_cancel'), id }),
  z.object({ kind: z.literal('pong'), id }),
]);
export type ToRemote = z.infer<typeof toRemote>;
