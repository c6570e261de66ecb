import { createReadStream } from 'node:fs';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  type Deed,
  type Grant,
  type LoginCodes,
  type LoginThrottle,
  logIn,
  loginRequest,
  type Session,
  type Sessions,
  type Users,
} from '../access/index.ts';
import { asked } from '../history/requests.ts';
import { type StopProgress, stopMessage } from '../protocol/index.ts';
import { meshFile, shareFolders } from './meshes.ts';
import type { RobotService } from './robot_service.ts';
import { keyOf } from './stop_socket.ts';

export interface RouteParts {
  readonly codes: LoginCodes;
  readonly sessions: Sessions;
  readonly robot: RobotService;
  /** Null where nobody logs in by name. */
  readonly login: { readonly users: Users; readonly throttle: LoginThrottle } | null;
}

const codeBody = z.strictObject({ code: z.string().max(64) });
const meshQuery = z.strictObject({ file: z.string().max(1024) });
const questionParams = z.strictObject({ id: z.string().max(128) });

/** What is asked for by HTTP beside the page's files: a session for a code, a stop, the robot's description, pictures of questions. */
export function addRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { codes, sessions, robot, login } = parts;
  const shares = shareFolders(process.env);
  const told = (session: Session | null, address: string, deed: string, reason = '', fields: Deed['fields'] = {}) =>
    robot.record({ session, address, deed, fields, accepted: reason === '', reason });
  const open = (grant: Grant, address: string, reply: FastifyReply) => {
    const opened = sessions.open(grant);
    told(opened?.session ?? null, address, 'log_in', opened === null ? 'too many sessions' : '', { user: grant.user });
    return opened ?? reply.code(503).send({ error: 'full', text: 'too many sessions are open' });
  };
  app.post('/api/session', { config: { access: 'public' } }, async (request, reply) => {
    const body = codeBody.safeParse(request.body);
    const grant = body.success ? codes.redeem(body.data.code) : null;
    if (grant !== null) return open(grant, request.ip, reply);
    told(null, request.ip, 'log_in', 'code');
    return reply
      .code(401)
      .send({ error: 'code', text: 'this address was used already or is too old; ask for another' });
  });
  app.post('/api/login', { config: { access: 'public' } }, async (request, reply) => {
    const body = loginRequest.safeParse(request.body);
    if (login === null || !body.success)
      return reply.code(400).send({ error: 'login', text: 'open the address that the server printed' });
    const outcome = await logIn(body.data, request.ip, login);
    if (outcome.kind === 'granted') return open(outcome.grant, request.ip, reply);
    told(null, request.ip, 'log_in', outcome.kind, { user: body.data.user });
    if (outcome.kind === 'refused') return reply.code(401).send({ error: 'login', text: 'wrong name or password' });
    const seconds = Math.ceil(outcome.wait_ms / 1000);
    reply.header('retry-after', String(seconds));
    return reply.code(429).send({ error: 'wait', text: `too many attempts; try again in ${seconds} s` });
  });
  app.get('/api/session', { config: { access: 'view' } }, async ({ session }) => session);
  app.delete('/api/session', { config: { access: 'view' } }, async ({ session, ip }) => {
    if (session !== null) sessions.revoke(session.id);
    told(session, ip, 'log_out');
    return {};
  });
  app.post('/api/code', { config: { access: 'view' } }, async ({ session }, reply) => {
    if (session === null) return reply.code(401).send({});
    const { user, role, serial } = session;
    return { code: codes.issue({ user, role, serial }) };
  });
  app.post('/api/stop', { config: { access: 'stop' } }, async (request) => {
    const { data } = stopMessage.safeParse(request.body);
    const { session, ip } = request;
    return new Promise((resolve) => {
      const tell = (progress: StopProgress) => {
        if (progress.phase !== 'taken') resolve(progress);
      };
      const key = data === undefined || session === null ? '' : keyOf(session, data);
      if (!robot.stops.press(data?.id ?? 0, tell, key)) return;
      robot.operations.hearStop();
      told(session, ip, 'stop', '', { by: 'http' });
    });
  });
  app.get('/api/robot', { config: { access: 'view' } }, async (_, reply) => {
    const urdf = robot.side.description?.message.data;
    if (urdf === undefined) return reply.code(404).send({ error: 'robot', text: 'the robot has not described itself' });
    return reply.type('application/xml').send(urdf);
  });
  app.get('/api/mesh', { config: { access: 'view' } }, async (request, reply) => {
    const { file } = asked(meshQuery, request.query, 'mesh');
    const found = await meshFile(file, robot.side.description?.message.data ?? '', shares);
    if (found === null) return reply.code(404).send({ error: 'mesh', text: 'the robot has no such mesh' });
    return reply.type('application/octet-stream').send(createReadStream(found));
  });
  app.get('/api/escalations/:id/picture', { config: { access: 'view' } }, async (request, reply) => {
    const { id } = asked(questionParams, request.params, 'picture of a question');
    const picture = robot.questions.pictureOf(id);
    if (picture === null) return reply.code(404).send({ error: 'picture', text: 'no such question is open' });
    return reply.type(picture.type).send(picture.data);
  });
}
