/**
 * Officials' sign-in. Each role of the province has a token of its own, made at the first start in a file that only
 * the server's user reads; a token is exchanged for a cookie that scripts cannot read and other sites cannot send.
 */

import { timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toHex, utf8 } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import type { FastifyRequest } from 'fastify';
import { writeFileDurably } from '../elections/folder.ts';

/** The two boards enter paper counts, each its own; an administrator sees everything and enters none. */
export const OFFICIAL_ROLES = ['administrator', 'executive_board', 'supervisory_board'] as const;
export type OfficialRole = (typeof OFFICIAL_ROLES)[number];

export const SESSION_COOKIE = 'sandoq-official';
/** A night of counting. */
export const SESSION_SECONDS_MAX = 12 * 3600;
/** More at a time than a province has desks: the oldest ends. */
export const SESSIONS_MAX = 256;
const TOKEN_BYTES = 32;
const OTHERS = 0o077;

/** The token in a file, made at the first call. @throws where others may read the file */
export function tokenInFile(dataFolder: string, role: OfficialRole): string {
  const path = join(dataFolder, `${role}.token`);
  if (!existsSync(path)) {
    mkdirSync(dataFolder, { recursive: true });
    writeFileDurably(path, utf8(`${toHex(nodeRandomness(TOKEN_BYTES))}\n`), 0o600);
  }
  if ((statSync(path).mode & OTHERS) !== 0) throw new Error(`${role}.token is readable by others`);
  return readFileSync(path, 'utf8').trim();
}

export interface OfficialSession {
  readonly role: OfficialRole;
  /** epoch seconds */
  readonly until: number;
}

export interface OfficialSessions {
  /** @returns the cookie's value, or undefined where the token is nobody's */
  signIn(token: string): string | undefined;
  of(request: FastifyRequest): OfficialSession | undefined;
  signOut(request: FastifyRequest): void;
}

const cookieOf = (request: FastifyRequest): string | undefined =>
  request.headers.cookie
    ?.split(';')
    .map((one) => one.trim().split('='))
    .find(([name]) => name === SESSION_COOKIE)?.[1];

/** @param now epoch seconds */
export function createSessions(
  tokens: Readonly<Record<OfficialRole, string>>,
  now: () => number,
): OfficialSessions {
  const sessions = new Map<string, OfficialSession>();
  // Digests are compared, so that neither length nor prefix shows in the time.
  const digest = (text: string): Uint8Array => nodeCrypto.sha256(utf8(text));
  return {
    signIn: (token) => {
      const given = digest(token);
      const role = OFFICIAL_ROLES.filter((one) => timingSafeEqual(given, digest(tokens[one])))[0];
      if (role === undefined) return undefined;
      if (sessions.size >= SESSIONS_MAX) sessions.delete(sessions.keys().next().value as string);
      const id = toHex(nodeRandomness(TOKEN_BYTES));
      sessions.set(id, { role, until: now() + SESSION_SECONDS_MAX });
      return id;
    },
    of: (request) => {
      const id = cookieOf(request);
      const session = id === undefined ? undefined : sessions.get(id);
      if (id === undefined || session === undefined) return undefined;
      if (session.until > now()) return session;
      sessions.delete(id);
      return undefined;
    },
    signOut: (request) => {
      const id = cookieOf(request);
      if (id !== undefined) sessions.delete(id);
    },
  };
}
