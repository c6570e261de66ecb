import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { asked, historyQuery, pictureQuery, sendPicture, tellBadInput } from '../history/requests.ts';
import type { ReplayAnswer } from './replay_desk.ts';
import type { Replays } from './replay_thread.ts';

export interface ReplayRoutesOptions {
  readonly replays: Replays;
}

const place = z.strictObject({ run: z.string().min(1).max(128), episode: z.string().min(1).max(128) });
const nothing = z.strictObject({});

/** GET /api/runs, /api/runs/RUN/EPISODE and /api/runs/RUN/EPISODE/picture: recorded runs, as the past is shown. */
export async function replayRoutes(app: FastifyInstance, { replays }: ReplayRoutesOptions): Promise<void> {
  tellBadInput(app);
  const open = { config: { access: 'view' } } as const;
  app.get('/api/runs', open, async (request, reply) => {
    asked(nothing, request.query, 'recorded runs');
    return send(reply, await replays.ask({ kind: 'list' }));
  });
  app.get('/api/runs/:run/:episode', open, async (request, reply) => {
    const query = asked(historyQuery, request.query, 'recorded run');
    return send(reply, await replays.ask({ kind: 'history', query, ...asked(place, request.params, 'recorded run') }));
  });
  app.get('/api/runs/:run/:episode/picture', open, async (request, reply) => {
    const query = asked(pictureQuery, request.query, 'picture of a recorded run');
    return send(
      reply,
      await replays.ask({ kind: 'picture', ...query, ...asked(place, request.params, 'recorded run') }),
    );
  });
}

function send(reply: FastifyReply, answer: ReplayAnswer): FastifyReply {
  if (answer.kind === 'picture') return sendPicture(reply, answer.picture);
  const pieces = Readable.from(answer.pieces);
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(pieces);
}
