/**
 * Who may be which window. A launch token is good once, for one window; it is exchanged for a cookie that names the
 * window and carries a MAC under the launcher's secret. A window so outlives a restart of the shell, and no list of
 * sessions is kept. The cookie is bound to its window's path: windows side by side in one browser do not mix.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Unused launch tokens kept at once; the oldest is dropped. */
export const LAUNCH_TOKENS_MAX = 64;
export const COOKIE_NAME = 'sandoq_window';

export interface LaunchDesk {
  /** A fresh single-use token for a window. */
  issue(window: string): string;
  /** The window of a token, once. */
  redeem(token: string): string | undefined;
  cookie(window: string): string;
  /** Whether this Cookie header holds this window's cookie. */
  holds(window: string, cookieHeader: string | undefined): boolean;
  /** Whether an Authorization header is the launcher's own. */
  isLauncher(authorization: string | undefined): boolean;
}

const same = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());

export function createLaunchDesk(options: {
  readonly secret: string;
  readonly randomToken: () => string;
}): LaunchDesk {
  const tokens = new Map<string, string>();
  const mac = (window: string, nonce: string): string =>
    createHmac('sha256', options.secret).update(`sandoq/window/1\n${window}\n${nonce}`).digest('base64url');
  return {
    issue(window) {
      const token = options.randomToken();
      for (const oldest of tokens.keys()) {
        if (tokens.size < LAUNCH_TOKENS_MAX) break;
        tokens.delete(oldest);
      }
      tokens.set(token, window);
      return token;
    },
    redeem(token) {
      const window = tokens.get(token);
      tokens.delete(token);
      return window;
    },
    cookie(window) {
      const nonce = options.randomToken();
      return `${COOKIE_NAME}=${nonce}.${mac(window, nonce)}; HttpOnly; SameSite=Strict; Path=/window/${window}/`;
    },
    holds(window, cookieHeader) {
      const match = new RegExp(`(?:^|; )${COOKIE_NAME}=([\\w-]{16,100})\\.([\\w-]{43})(?:;|$)`).exec(
        cookieHeader?.slice(0, 4096) ?? '',
      );
      return match !== null && same(mac(window, match[1] ?? ''), match[2] ?? '');
    },
    isLauncher: (authorization) =>
      authorization !== undefined && same(authorization, `Bearer ${options.secret}`),
  };
}
