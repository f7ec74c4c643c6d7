/** Elections over HTTP: what is counted here, and how an administrator brings a provisioning folder. */
import { timingSafeEqual } from 'node:crypto';
import {
  type Bytes,
  isProvisioningFile,
  type Provisioning,
  type ProvisioningFiles,
  toHex,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { electionJson } from '../totals/json.ts';
import { sendRefusal } from '../web/app.ts';
import { paramOf } from '../web/request.ts';
import type { Elections } from './elections.ts';

/** A provisioning folder as JSON: base64 adds a third to rasters and station records. */
export const PROVISIONING_BODY_BYTES_MAX = 96 * 1024 * 1024;

const provisioningBody = z.strictObject({
  files: z.record(
    z.string().refine(isProvisioningFile, 'must be a file of a provisioning folder'),
    z.base64(),
  ),
});

/** Compares digests, so that neither length nor prefix shows in the time. */
export function isAdministrator(authorization: string | undefined, token: string): boolean {
  const digest = (text: string): Bytes => nodeCrypto.sha256(new TextEncoder().encode(text));
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}

export interface ElectionRoutes {
  readonly elections: Elections;
  readonly administratorToken: string;
  readonly onLoaded: (provisioning: Provisioning) => Promise<void>;
}

export async function electionRoutes(
  app: FastifyInstance,
  { elections, administratorToken, onLoaded }: ElectionRoutes,
): Promise<void> {
  app.get('/api/elections', () => ({ elections: elections.list().map(electionJson) }));

  app.get('/api/elections/:election', (request, reply) => {
    const provisioning = elections.get(paramOf(request, 'election'));
    if (provisioning === undefined)
      return sendRefusal(request, reply, { status: 404, code: 'election_unknown' });
    return reply.send(electionJson(provisioning));
  });

  await app.register(async (scope) => {
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    scope.post(
      '/api/elections',
      {
        bodyLimit: PROVISIONING_BODY_BYTES_MAX,
        // Judged before the body is read: a stranger cannot make the province hold 96 MB.
        onRequest: (request, reply, done) => {
          if (isAdministrator(request.headers.authorization, administratorToken)) done();
          else sendRefusal(request, reply, { status: 403, code: 'forbidden' });
        },
      },
      async (request, reply) => {
        let json: unknown;
        try {
          json = JSON.parse((request.body as Buffer | undefined)?.toString('utf8') ?? '');
        } catch {
          return sendRefusal(request, reply, {
            status: 400,
            code: 'bad_request',
            wanted: 'JSON {files: {name: base64}}',
          });
        }
        const body = provisioningBody.safeParse(json);
        if (!body.success) {
          const issue = body.error.issues[0];
          const at = issue?.path.join('.') ?? '';
          return sendRefusal(request, reply, {
            status: 400,
            code: 'bad_request',
            at,
            wanted: issue?.message ?? '',
          });
        }
        const files: ProvisioningFiles = new Map(
          Object.entries(body.data.files).map(([name, text]) => [
            name,
            new Uint8Array(Buffer.from(text, 'base64')),
          ]),
        );
        const loaded = elections.load(files);
        if (!loaded.ok) {
          const { code, at, wanted } = loaded.fault;
          const differs = code === 'election_differs';
          return sendRefusal(request, reply, {
            status: differs ? 409 : 422,
            code: differs ? 'election_differs' : 'provisioning_refused',
            at,
            wanted: `${code}: ${wanted}`,
          });
        }
        const { provisioning, change } = loaded.value;
        await onLoaded(provisioning);
        request.log.info({ event: 'election_loaded', election: provisioning.election, change });
        return reply
          .status(change === 'new' ? 201 : 200)
          .send({ ...electionJson(provisioning), change, package_digest: toHex(provisioning.packageDigest) });
      },
    );
  });
}
