import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import files from '@fastify/static';
import Fastify, { type FastifyInstance } from 'fastify';
import { InputError, type Log, PACKAGE_ROOT } from '../../contracts/index.ts';
import {
  accessPlugin,
  isLoopback,
  loggedUrl,
  type Origins,
  type RefusedRequest,
  rateLimitOptions,
  type Sessions,
  SIZE_LIMITS,
} from '../access/index.ts';

/** The bundled page; scripts/build_page.mjs makes it. */
export const PAGE_FOLDER = join(PACKAGE_ROOT, 'dist', 'teleop', 'page');

export interface HttpOptions {
  /** Hosts and origins under which the server is reached; known once it listens. */
  readonly origins: () => Origins;
  readonly sessions: Sessions;
  readonly log: Log;
  readonly onRefusal: (refused: RefusedRequest) => void;
  /** Certificate and key, PEM; null for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly page?: string;
}

/** Nothing inline, nothing from elsewhere, no markup from strings. */
const POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'blob:'],
  connectSrc: ["'self'"],
  workerSrc: ["'none'"],
  fontSrc: ["'none'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
  // XML of robots and their meshes, which never becomes part of the page: teleop/page/view/xml_document.ts
  trustedTypes: ['surepick-xml'],
  upgradeInsecureRequests: null,
};

/** A request that dawdles holds nothing of the others up, and not itself for ever. */
const LIMITS = { requestTimeout: 20_000, maxHeaderSize: SIZE_LIMITS.headers };
/** An idle connection is kept as long as fastify keeps it by default. */
const KEEP_ALIVE_MS = 72_000;

/** A fastify server with the page's files, access checks, limits and headers; routes of the parts are added by the caller. */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { origins, sessions, onRefusal, tls, log, page = PAGE_FOLDER } = options;
  const app: FastifyInstance = Fastify({
    bodyLimit: SIZE_LIMITS.body,
    trustProxy: false,
    forceCloseConnections: true,
    logger: false,
    serverFactory: (handler) => {
      const server =
        tls === null
          ? createServer(LIMITS, handler)
          : createSecureServer({ ...tls, ...LIMITS, minVersion: 'TLSv1.2' }, handler);
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      return server;
    },
  });
  await app.register(accessPlugin, { origins, sessions, onRefusal });
  await app.register(rateLimit, rateLimitOptions());
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    crossOriginEmbedderPolicy: true,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // Told below: not of this machine's own names, whose other servers are plain.
    hsts: false,
  });
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api')) reply.header('cache-control', 'no-store');
    if (tls !== null && !isLoopback(request.hostname)) reply.header('strict-transport-security', 'max-age=31536000');
  });
  app.setErrorHandler(async (error: { readonly statusCode?: number; readonly message: string }, request, reply) => {
    const status = error instanceof InputError ? 400 : (error.statusCode ?? 500);
    if (status >= 500) log.error({ url: loggedUrl(request.url), reason: error.message }, 'request failed');
    return reply.code(status).send({ error: status >= 500 ? 'failed' : 'refused', text: error.message });
  });
  await app.register(files, { root: page, cacheControl: false, etag: true });
  return app;
}
