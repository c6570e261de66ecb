import type { FastifyInstance } from 'fastify';
import type { LiveHistory } from './history.ts';
import { asked, historyQuery, pictureQuery, sendHistory, sendPicture, tellBadInput } from './requests.ts';

export interface HistoryRoutesOptions {
  /** Null before the robot was heard. */
  readonly history: () => LiveHistory | null;
}

/** GET /api/history and GET /api/history/picture: what was in the last minutes. */
export async function historyRoutes(app: FastifyInstance, { history }: HistoryRoutesOptions): Promise<void> {
  tellBadInput(app);
  app.get('/api/history', { config: { access: 'view' } }, (request, reply) => {
    const query = asked(historyQuery, request.query, 'history');
    const kept = history();
    if (kept === null) return reply.code(503).send({ error: 'robot', text: 'the robot has not been heard yet' });
    return sendHistory(reply, kept.query(query));
  });
  app.get('/api/history/picture', { config: { access: 'view' } }, (request, reply) => {
    const { camera, at_ms } = asked(pictureQuery, request.query, 'picture of the past');
    return sendPicture(reply, history()?.picture(camera, at_ms) ?? null);
  });
}
