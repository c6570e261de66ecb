import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Incidents } from './incidents.ts';
import { zipOf } from './zip.ts';

export interface IncidentRoutesOptions {
  readonly incidents: Incidents;
}

/** GET /api/incidents: names of the bundles; GET /api/incidents/NAME.zip: one of them. */
export async function incidentRoutes(app: FastifyInstance, { incidents }: IncidentRoutesOptions): Promise<void> {
  app.get('/api/incidents', { config: { access: 'mark' } }, async () => ({ incidents: await incidents.names() }));
  app.get<{ Params: { file: string } }>(
    '/api/incidents/:file',
    { config: { access: 'mark' } },
    async (request, reply) => {
      const name = /^(?<name>.+)\.zip$/.exec(request.params.file)?.groups?.name ?? '';
      const folder = await incidents.folderOf(name);
      if (folder === null) return reply.code(404).send({ error: 'none', text: 'no such incident bundle' });
      const disposition = `attachment; filename="${name}.zip"`;
      reply.headers({ 'cache-control': 'no-store', 'content-disposition': disposition });
      return reply.type('application/zip').send(Readable.from(zipOf(folder, name), { objectMode: false }));
    },
  );
}
