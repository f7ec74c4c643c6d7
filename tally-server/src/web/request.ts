/** Small readings of a request, shared by the modules' routes. */
import type { Locale } from '@sandoq/protocol/persian';
import type { FastifyRequest } from 'fastify';

/** Persian unless English is asked for. */
export function localeOf(request: FastifyRequest): Locale {
  const query = request.query as Readonly<Record<string, unknown>> | undefined;
  return query?.lang === 'en' ? 'en' : 'fa';
}

export const paramOf = (request: FastifyRequest, name: string): string =>
  (request.params as Readonly<Record<string, string | undefined>>)[name] ?? '';
