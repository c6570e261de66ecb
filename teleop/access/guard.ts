import type { IncomingMessage } from 'node:http';
import type { RateLimitPluginOptions } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InputError } from '../../contracts/index.ts';
import { bearerToken, checkRequest, type Refusal } from './check_request.ts';
import { RATE_LIMITS } from './limits.ts';
import type { Origins } from './origins.ts';
import { loggedUrl, printable } from './redaction.ts';
import { type Action, permits } from './roles.ts';
import type { Session, Sessions } from './sessions.ts';

/** What a route needs: an action that its session may do, or nothing. */
export type RouteAccess = Action | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Who asks; null on public routes. */
    session: Session | null;
  }
}

/** A request that was not answered, as it may be logged. */
export interface RefusedRequest {
  readonly refusal: Refusal;
  readonly method: string;
  readonly path: string;
  readonly address: string;
  readonly session: Session | null;
}

export interface AccessOptions {
  /** Where the server is reached; asked at each request, since a port may be known only when it listens. */
  readonly origins: () => Origins;
  readonly sessions: Sessions;
  readonly onRefusal?: (refused: RefusedRequest) => void;
}

const NO_SESSION: Refusal = { status: 401, reason: 'session', text: 'log in: open the printed URL' };
const NOT_PERMITTED: Refusal = {
  status: 403,
  reason: 'permission',
  text: 'the role of this session does not permit it',
};

/**
 * Has every request of a fastify server looked at before anything else: where it comes from, then whose it is. Routes under
 * /api say in their `config.access` what they need, or are not taken.
 */
export function accessPlugin(app: FastifyInstance, options: AccessOptions, done: (error?: Error) => void): void {
  app.decorateRequest('session', null);
  app.addHook('onRoute', ({ url, config }) => {
    if (url.startsWith('/api') && config?.access === undefined)
      throw new InputError(`route ${url}`, 'its config.access must name what it needs');
  });
  app.addHook('onRequest', async (request, reply) => {
    const refusal = checkRequest(headOf(request.raw), options.origins()) ?? admit(request, options.sessions);
    return refusal === null ? undefined : refuse(refusal, request, reply, options);
  });
  done();
}

// Its hooks are the whole server's, as with fastify-plugin.
Object.assign(accessPlugin, { [Symbol.for('skip-override')]: true });

/** The head of a request as it came. */
export function headOf({ method = '', url = '', headersDistinct }: IncomingMessage): {
  method: string;
  url: string;
  headers: IncomingMessage['headersDistinct'];
} {
  return { method, url, headers: headersDistinct };
}

/** Options of @fastify/rate-limit: requests of one address; a stop is never counted. */
export function rateLimitOptions(): RateLimitPluginOptions {
  const { burst } = RATE_LIMITS.request;
  return {
    global: true,
    hook: 'onRequest',
    max: burst,
    timeWindow: (burst / RATE_LIMITS.request.per_s) * 1000,
    allowList: (request: FastifyRequest) => request.routeOptions.config.access === 'stop',
  };
}

/** Whose the request is, and whether that may be; sets `request.session`. */
function admit(request: FastifyRequest, sessions: Sessions): Refusal | null {
  const access = request.routeOptions.config.access ?? 'public';
  if (access === 'public') return null;
  const session = sessions.authenticate(bearerToken(request.raw.headersDistinct.authorization));
  if (session === null) return NO_SESSION;
  request.session = session;
  return permits(session.role, access) ? null : NOT_PERMITTED;
}

function refuse(refusal: Refusal, request: FastifyRequest, reply: FastifyReply, { onRefusal }: AccessOptions) {
  const { method, ip, session } = request;
  const path = loggedUrl(request.raw.url ?? '');
  onRefusal?.({ refusal, method: printable(method), path, address: ip, session });
  return reply.code(refusal.status).send({ error: refusal.reason, text: refusal.text });
}
