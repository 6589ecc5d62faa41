import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from './http.ts';

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** Who may ask the page's server for something. */
export interface Guard {
  /** What the page sends in `x-console-token` with everything that it asks for. */
  readonly token: string;
  /** Stands for the token where a browser sends no header of ours: live connections and videos, which only read. */
  readonly ticket: string;
  /** @throws Refusal for a Host that is not this machine, as another page could have made one up */
  checkHost(request: IncomingMessage): void;
  /** @throws Refusal for what does not come from the page itself */
  checkToken(request: IncomingMessage): void;
  /** As `checkToken`, for addresses with `?ticket=`. */
  checkTicket(request: IncomingMessage, ticket: string | null): void;
}

export function createGuard(): Guard {
  const token = randomBytes(24).toString('base64url');
  const ticket = createHmac('sha256', token).update('ticket').digest('base64url');
  return {
    token,
    ticket,
    checkHost({ headers: { host = '' } }) {
      if (LOOPBACK_HOST.test(host)) return;
      throw new Refusal(421, `This page is at 127.0.0.1, not at ${JSON.stringify(host)}.`);
    },
    checkToken(request) {
      checkOrigin(request);
      const given = request.headers['x-console-token'];
      if (typeof given === 'string' && isSame(given, token)) return;
      throw new Refusal(403, 'Open the page with the link that the terminal shows: it has the key to it.');
    },
    checkTicket(request, given) {
      checkOrigin(request);
      if (given === null || !isSame(given, ticket))
        throw new Refusal(403, 'Open the page with the link that the terminal shows: it has the key to it.');
    },
  };
}

/** Headers of every answer. @param scriptHashes of the inline scripts @param mediaOrigins where videos may come from */
export function secure(
  response: ServerResponse,
  scriptHashes: readonly string[],
  mediaOrigins: readonly string[],
): void {
  const media = ["'self'", ...mediaOrigins].join(' ');
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${scriptHashes.map((hash) => `'${hash}'`).join(' ')}`,
    "style-src 'self'",
    `img-src ${media}`,
    `media-src ${media}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  response.setHeader('content-security-policy', policy.join('; '));
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'DENY');
}

/** Browsers say where a request comes from; other clients say nothing, and need the token all the same. */
function checkOrigin({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site'];
  const { origin, host } = headers;
  if (site !== undefined && site !== 'same-origin')
    throw new Refusal(403, 'Only the page itself may ask for this.');
  if (origin !== undefined && origin !== `http://${host}`)
    throw new Refusal(403, 'Only the page itself may ask for this.');
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
