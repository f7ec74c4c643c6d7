/** The HTTP shell: limits, security headers, and one place where every error becomes a refusal with a name. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { assetRoutes } from './assets.ts';
import { refusalPage } from './page.ts';
import { type Refusal, refusalBody } from './refusal.ts';
import { localeOf } from './request.ts';

/** Requests without a body of their own limit: nothing that is asked for needs more. */
export const BODY_BYTES_DEFAULT_MAX = 4096;
/** A slow sender is cut off; a slip over a telephone line at 9,600 baud needs ten minutes at most. */
const REQUEST_TIMEOUT_MS = 600_000;
const KEEP_ALIVE_MS = 30_000;
const HEADERS_BYTES_MAX = 16 * 1024;

/** When a sender may come again that was refused for want of room: nothing is wrong with what it sent. */
const RETRY_AFTER_SECONDS = 2;
const UNAVAILABLE = 503;
const TOO_LARGE = 413;

export interface AppOptions {
  readonly requestsPerMinuteMax: number;
  readonly logStream: NodeJS.WritableStream | undefined;
  /** which requests may become another protocol; any other that asks for one is answered as if it had not */
  readonly mayUpgrade: (request: IncomingMessage) => boolean;
}

const ERROR_REFUSALS: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'body_too_large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, code: 'unsupported_media_type' },
};

/** @returns undefined for our own failures, which are not the sender's fault */
function refusalOfError(error: FastifyError): Refusal | undefined {
  const known = ERROR_REFUSALS[error.code];
  if (known !== undefined) return known;
  const status = error.statusCode ?? 500;
  if (status === 429) return { status, code: 'too_many_requests' };
  if (status === UNAVAILABLE)
    return { status, code: 'intake_full', wanted: `again in ${RETRY_AFTER_SECONDS} seconds` };
  return status >= 400 && status < 500
    ? { status, code: 'bad_request', wanted: error.code ?? '' }
    : undefined;
}

/** A refusal as JSON for programs and as a page for people. */
export function sendRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  reply.status(refusal.status).header('cache-control', 'no-store');
  if (refusal.status === UNAVAILABLE) reply.header('retry-after', RETRY_AFTER_SECONDS);
  return request.url.startsWith('/api/') || request.method !== 'GET'
    ? reply.send(refusalBody(refusal))
    : reply.type('text/html; charset=utf-8').send(refusalPage(localeOf(request), refusal).text);
}

/** Bytes that are not HTTP at all: answered on the bare socket. */
function refuseConnection(_error: Error, socket: Socket): void {
  if (socket.destroyed || !socket.writable) return;
  const body = JSON.stringify(refusalBody({ status: 400, code: 'bad_request', wanted: 'HTTP/1.1' }));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

export async function createApp({
  requestsPerMinuteMax,
  logStream,
  mayUpgrade,
}: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_BYTES_DEFAULT_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Paths and addresses of visitors are not ours to keep: only what a handler says is logged.
    logger:
      logStream === undefined ? false : { level: 'info', stream: logStream, base: { process: 'province' } },
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    http: { maxHeaderSize: HEADERS_BYTES_MAX, shouldUpgradeCallback: mayUpgrade },
    clientErrorHandler: refuseConnection as never,
    frameworkErrors: (_error, request, reply) => {
      sendRefusal(request as FastifyRequest, reply as FastifyReply, {
        status: 400,
        code: 'bad_request',
        at: 'url',
      });
    },
  });
  app.removeAllContentTypeParsers();
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        // Officials' pages have forms; they go nowhere else.
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // The province stands behind a TLS terminator or on a private network: it does not speak for the name's future.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(rateLimit, { max: requestsPerMinuteMax, timeWindow: 60_000 });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = refusalOfError(error);
    // The sender would go on sending: nobody reads it.
    if (refusal?.status === TOO_LARGE) reply.header('connection', 'close');
    if (refusal === undefined) request.log.error({ event: 'request_failed', error: error.message });
    return sendRefusal(request, reply, refusal ?? { status: 500, code: 'internal' });
  });
  app.setNotFoundHandler((request, reply) => sendRefusal(request, reply, { status: 404, code: 'not_found' }));
  assetRoutes(app);
  return app;
}
