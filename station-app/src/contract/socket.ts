/** The contract over a unix socket: newline-delimited JSON, one dispatcher, one bound a line. Used by cores and shells. */

import { timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { diskFaultOf } from '../stores/disk-fault.ts';
import {
  type CallRefusal,
  type Calls,
  LINE_BYTES_MAX,
  ROLES,
  refusalSchema,
  type ScreenRole,
} from './contract.ts';

export type Input<Contract extends Calls, Name extends keyof Contract> = z.output<Contract[Name]['input']>;
export type Output<Contract extends Calls, Name extends keyof Contract> = z.output<Contract[Name]['output']>;

/** Thrown by handlers for what an officer can act on; anything else becomes `failed` without its text. */
export class Refused extends Error {
  readonly refusal: CallRefusal;
  constructor(code: string, detail?: string) {
    super(code);
    this.refusal = detail === undefined ? { code } : { code, detail };
  }
}

export type Handlers<Contract extends Calls> = {
  readonly [Name in keyof Contract]: (
    input: Input<Contract, Name>,
    role: ScreenRole,
  ) => Output<Contract, Name> | Promise<Output<Contract, Name>>;
};

export interface ContractServer {
  /** Marks every role's view as changed; pushes are coalesced, and made only for those who watch. */
  changed(): void;
  close(): Promise<void>;
}

export interface ServeOptions<Contract extends Calls> {
  readonly path: string;
  readonly token: string;
  readonly calls: Contract;
  readonly handlers: Handlers<Contract>;
  /** the whole view model of a role */
  readonly view: (role: ScreenRole) => unknown;
  readonly onFailure: (call: string, cause: unknown) => void;
}

export const CONNECTIONS_MAX = 32;
export const PUSH_INTERVAL_MS = 40;

const helloSchema = z
  .object({
    hello: z
      .object({ token: z.string().max(200), role: z.enum(ROLES), watch: z.boolean().optional() })
      .strict(),
  })
  .strict();
const watchSchema = z.object({ watch: z.boolean() }).strict();
const requestSchema = z.object({ id: z.int().min(0), call: z.string().max(64), input: z.unknown() }).strict();

function sameToken(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Lines of one turn of the loop leave in one write: a system call costs more than the line. */
function writeLine(socket: Socket, message: unknown): void {
  if (socket.writableCorked === 0) {
    socket.cork();
    process.nextTick(() => socket.uncork());
  }
  socket.write(`${JSON.stringify(message)}\n`);
}

/** Splits a byte stream into lines of at most LINE_BYTES_MAX; a longer one ends the connection. */
export function createLineReader(
  onLine: (line: string) => void,
  onOverflow: () => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      let line: string;
      if (parts.length === 0) line = chunk.toString('utf8', from, at);
      else {
        parts.push(chunk.subarray(from, at));
        line = Buffer.concat(parts).toString('utf8');
      }
      parts = [];
      length = 0;
      from = at + 1;
      if (line !== '') onLine(line);
    }
    if (from < chunk.length) {
      parts.push(chunk.subarray(from));
      length += chunk.length - from;
      if (length > LINE_BYTES_MAX) {
        parts = [];
        length = 0;
        onOverflow();
      }
    }
  };
}

/** Name → role → input → handler → output, in this order, for every transport. */
export async function dispatch<Contract extends Calls>(
  options: Pick<ServeOptions<Contract>, 'calls' | 'handlers' | 'onFailure'>,
  role: ScreenRole,
  name: string,
  input: unknown,
): Promise<{ ok: true; value: unknown } | { ok: false; refusal: CallRefusal }> {
  const description = Object.hasOwn(options.calls, name) ? options.calls[name] : undefined;
  if (description === undefined) return { ok: false, refusal: { code: 'unknown_call' } };
  if (!description.roles.includes(role)) return { ok: false, refusal: { code: 'forbidden' } };
  const parsed = description.input.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      ok: false,
      refusal: {
        code: 'bad_request',
        detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 400),
      },
    };
  }
  try {
    const handler = options.handlers[name as keyof Contract] as (given: unknown, by: ScreenRole) => unknown;
    return { ok: true, value: description.output.parse(await handler(parsed.data, role)) };
  } catch (cause) {
    if (cause instanceof Refused) return { ok: false, refusal: cause.refusal };
    const fault = diskFaultOf(cause);
    if (fault !== undefined) return { ok: false, refusal: { code: fault } };
    options.onFailure(name, cause);
    return { ok: false, refusal: { code: 'failed' } };
  }
}

export async function serveContract<Contract extends Calls>(
  options: ServeOptions<Contract>,
): Promise<ContractServer> {
  const open = new Map<Socket, ScreenRole>();
  /** a view that nobody looks at is not made */
  const watching = new Set<Socket>();
  let pushTimer: NodeJS.Timeout | undefined;
  /** by the clock that nobody sets */
  let lastPush = Number.NEGATIVE_INFINITY;
  const push = (): void => {
    pushTimer = undefined;
    lastPush = performance.now();
    for (const socket of watching) sendView(socket);
  };
  const send = (socket: Socket, message: unknown): void => {
    // A client that does not read is cut off rather than buffered for ever.
    if (socket.writableLength > 4 * LINE_BYTES_MAX) socket.destroy();
    else writeLine(socket, message);
  };
  const sendView = (socket: Socket): void => {
    const role = open.get(socket);
    if (role !== undefined) send(socket, { event: 'view', view: options.view(role) });
  };
  const watch = (socket: Socket, wanted: boolean): void => {
    if (!wanted) watching.delete(socket);
    else {
      watching.add(socket);
      sendView(socket);
    }
  };
  /** whether what has changed by now is still to be shown to this one */
  const isViewDue = (socket: Socket): boolean => pushTimer !== undefined && watching.has(socket);
  const onHello = (socket: Socket, raw: unknown): void => {
    const hello = helloSchema.safeParse(raw);
    if (!hello.success || !sameToken(hello.data.hello.token, options.token)) {
      socket.destroy();
      return;
    }
    open.set(socket, hello.data.hello.role);
    watch(socket, hello.data.hello.watch ?? true);
  };
  const onLine = (socket: Socket, line: string): void => {
    let raw: unknown;
    try {
      raw = JSON.parse(line);
    } catch {
      socket.destroy();
      return;
    }
    const role = open.get(socket);
    if (role === undefined) {
      onHello(socket, raw);
      return;
    }
    const request = requestSchema.safeParse(raw);
    if (request.success) {
      void dispatch(options, role, request.data.call, request.data.input).then((reply) =>
        send(socket, { id: request.data.id, ...reply, ...(isViewDue(socket) ? { is_view_due: true } : {}) }),
      );
      return;
    }
    const wanted = watchSchema.safeParse(raw);
    if (wanted.success) watch(socket, wanted.data.watch);
    else socket.destroy();
  };
  if (existsSync(options.path)) unlinkSync(options.path);
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      open.delete(socket);
      watching.delete(socket);
    });
    socket.on(
      'data',
      createLineReader(
        (line) => onLine(socket, line),
        () => socket.destroy(),
      ),
    );
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.path, resolve));
  chmodSync(options.path, 0o600);
  return {
    changed() {
      if (pushTimer !== undefined || watching.size === 0) return;
      pushTimer = setTimeout(push, Math.max(0, PUSH_INTERVAL_MS - (performance.now() - lastPush)));
    },
    async close() {
      clearTimeout(pushTimer);
      for (const socket of open.keys()) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export interface ContractClient<Contract extends Calls, View> {
  call<Name extends keyof Contract & string>(
    name: Name,
    input: Input<Contract, Name>,
  ): Promise<Output<Contract, Name>>;
  /** The newest view, and the next ones. A client without a listener is sent none. */
  onView(listener: (view: View) => void): () => void;
  close(): void;
  readonly closed: Promise<void>;
}

const replySchema = z.union([
  z.object({ event: z.literal('view'), view: z.unknown() }),
  z.object({ id: z.int(), ok: z.literal(true), value: z.unknown(), is_view_due: z.boolean().optional() }),
  z.object({
    id: z.int(),
    ok: z.literal(false),
    refusal: refusalSchema,
    is_view_due: z.boolean().optional(),
  }),
]);
type Answer = Exclude<z.output<typeof replySchema>, { event: 'view' }>;

function readReply(line: string): z.output<typeof replySchema> | undefined {
  try {
    return replySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/**
 * @param order `answer_after_view`: an answer waits, at most a push interval, for the view that shows what the call has
 * done, so that whoever acts on the answer does not read an older view. `answer_at_once` is for those who read only the
 * answers.
 * @throws Refused from `call` where the core refuses, with its named reason.
 */
export function connectContract<Contract extends Calls, View>(
  path: string,
  token: string,
  role: ScreenRole,
  parseView: (raw: unknown) => View,
  order: 'answer_at_once' | 'answer_after_view' = 'answer_at_once',
): ContractClient<Contract, View> {
  const socket = createConnection(path);
  const waiting = new Map<
    number,
    { readonly resolve: (value: never) => void; readonly reject: (cause: Error) => void }
  >();
  const listeners = new Set<(view: View) => void>();
  let newest: View | undefined;
  let nextId = 1;
  /** answers whose view is on its way; no more than calls wait */
  let held: Answer[] = [];
  const answer = (reply: Answer): void => {
    const caller = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.ok) caller?.resolve(reply.value as never);
    else caller?.reject(new Refused(reply.refusal.code, reply.refusal.detail));
  };
  const release = (): void => {
    const due = held;
    held = [];
    for (const each of due) answer(each);
  };
  writeLine(socket, { hello: { token, role, watch: false } });
  socket.on(
    'data',
    createLineReader(
      (line) => {
        const reply = readReply(line);
        // A core that does not speak the contract is left, as one that has gone; the caller connects again.
        if (reply === undefined) {
          socket.destroy();
          return;
        }
        if ('event' in reply) {
          newest = parseView(reply.view);
          for (const listener of listeners) listener(newest);
          release();
        } else if (order === 'answer_after_view' && reply.is_view_due === true && listeners.size > 0) {
          held.push(reply);
        } else answer(reply);
      },
      () => socket.destroy(),
    ),
  );
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      for (const caller of waiting.values()) caller.reject(new Refused('core_gone'));
      waiting.clear();
      resolve();
    });
  });
  socket.on('error', () => socket.destroy());
  return {
    call(name, input) {
      return new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Refused('core_gone'));
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        writeLine(socket, { id, call: name, input });
      });
    },
    onView(listener) {
      listeners.add(listener);
      if (listeners.size === 1) writeLine(socket, { watch: true });
      else if (newest !== undefined) listener(newest);
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return;
        // What is not watched grows old: the next listener is sent a new one.
        newest = undefined;
        release();
        if (!socket.destroyed) writeLine(socket, { watch: false });
      };
    },
    close: () => socket.destroy(),
    closed,
  };
}
