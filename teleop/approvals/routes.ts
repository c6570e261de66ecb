import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InputError } from '../../contracts/index.ts';
import { type Deed, type DeedFields, SIZE_LIMITS, systemWallClock, type WallClock } from '../access/index.ts';
import { ApprovalsIntake } from './approvals_intake.ts';
import type { OpenApprovals } from './open_approvals.ts';

export interface ApprovalRoutesOptions {
  /** Folder of requests, signatures and the ledger; file with the list of approvers. As `surepick launch` has them. */
  readonly folder: string;
  readonly approvers: string;
  /** Told of everything that was handed in. */
  readonly record?: (deed: Deed) => void;
  readonly now_ms?: WallClock;
}

/**
 * GET /api/approvals: requests that are open; GET /api/approvals/FILE: one of them, to be signed elsewhere; POST
 * /api/approvals: a signed approval, which the supervisor takes at its next reset. For supervisors.
 */
export async function approvalRoutes(app: FastifyInstance, options: ApprovalRoutesOptions): Promise<void> {
  const { folder, approvers, record = () => {}, now_ms = systemWallClock } = options;
  const intake = new ApprovalsIntake({ folder, approvers, now_ms });
  const told = ({ session, ip }: FastifyRequest, fields: DeedFields, reason: string) =>
    record({ session, address: ip, deed: 'approve', fields, accepted: reason === '', reason });
  // As text: what reads it as JSON would quote it in its complaint, and it may be a key.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'text/plain', 'application/octet-stream'],
    { parseAs: 'string' },
    (_, body, done) => done(null, body),
  );
  app.get('/api/approvals', { config: { access: 'approve' } }, async (_, reply) => {
    try {
      return { requests: intake.open() } satisfies OpenApprovals;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return reply.code(409).send({ error: 'approvals', text: error.message });
    }
  });
  app.get<{ Params: { file: string } }>(
    '/api/approvals/:file',
    { config: { access: 'approve' } },
    async ({ params }, reply) => {
      const request = intake.request(params.file);
      if (request === null) return reply.code(404).send({ error: 'none', text: 'no such request is open' });
      return reply.header('content-disposition', `attachment; filename="${params.file}"`).send(request);
    },
  );
  app.post(
    '/api/approvals',
    { config: { access: 'approve' }, bodyLimit: SIZE_LIMITS.upload },
    async (request, reply) => {
      try {
        const { file, approval, owner } = intake.take(typeof request.body === 'string' ? request.body : '');
        told(request, { file, what: approval.statement.what, key: approval.key, owner }, '');
        return { file };
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        told(request, {}, error.message);
        return reply.code(422).send({ error: 'approval', text: error.message });
      }
    },
  );
}
