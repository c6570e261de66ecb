import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { HISTORY_FRAMES, PICTURE_CAMERAS } from '../protocol/index.ts';
import type { HistoryCut } from './history.ts';
import { historyText, unhurried } from './history_text.ts';

const FOREVER_MS = 1e15;
const moment = z.coerce.number().min(0).max(FOREVER_MS);

/** Query of every route that gives a part of the past. */
export const historyQuery = z.strictObject({
  from_ms: moment.default(0),
  to_ms: moment.default(FOREVER_MS),
  most: z.coerce.number().int().min(1).max(HISTORY_FRAMES.most).default(HISTORY_FRAMES.usual),
});

export const pictureQuery = z.strictObject({ camera: z.enum(PICTURE_CAMERAS), at_ms: moment });

/** What a request asks for. Throws an InputError that names the field. */
export function asked<T>(schema: z.ZodType<T>, given: unknown, what: string): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${what}: ${issue.path.join('.') || 'query'}`, issue.message);
}

/** Answers what cannot be used with 400 and one line that says why, within one plugin. */
export function tellBadInput(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof InputError)) throw error;
    return reply.code(400).send({ error: 'input', text: error.message });
  });
}

/** Sends a part of the past without holding the event loop. */
export function sendHistory(reply: FastifyReply, cut: HistoryCut): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(Readable.from(unhurried(historyText(cut))));
}

/** Sends a picture with when it was taken, or 404. */
export function sendPicture(
  reply: FastifyReply,
  picture: { readonly at_ms: number; readonly jpeg: Uint8Array } | null,
): FastifyReply {
  if (picture === null) return reply.code(404).send({ error: 'none', text: 'no picture of this camera is kept' });
  const headers = { 'cache-control': 'no-store', 'x-at-ms': String(Math.round(picture.at_ms)) };
  return reply.headers(headers).type('image/jpeg').send(Buffer.from(picture.jpeg));
}
