/** The contract's socket: views go to whoever watches, and are not made for anybody else. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type ContractClient,
  type ContractServer,
  connectContract,
  serveContract,
} from '../src/contract/socket.ts';

const TOKEN = 'a token of this test';
const calls = {
  ask: { input: z.object({}).strict(), output: z.object({ made: z.int() }), roles: ['executive'] },
  change: { input: z.object({}).strict(), output: z.object({ made: z.int() }), roles: ['executive'] },
} as const;

let folder: string;
let server: ContractServer | undefined;
let clients: ContractClient<typeof calls, number>[] = [];

afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(): Promise<{
  readonly made: () => number;
  readonly connect: (order?: 'answer_after_view') => ContractClient<typeof calls, number>;
}> {
  folder = mkdtempSync(join(tmpdir(), 'sq-contract-'));
  const path = join(folder, 'socket');
  let made = 0;
  server = await serveContract<typeof calls>({
    path,
    token: TOKEN,
    calls,
    handlers: {
      ask: () => ({ made }),
      change() {
        server?.changed();
        return { made };
      },
    },
    view: () => ++made,
    onFailure: () => undefined,
  });
  return {
    made: () => made,
    connect(order) {
      const client = connectContract<typeof calls, number>(
        path,
        TOKEN,
        'executive',
        (raw) => raw as number,
        order,
      );
      clients.push(client);
      return client;
    },
  };
}

const nextView = (client: ContractClient<typeof calls, number>): Promise<number> =>
  new Promise((resolve) => {
    const off = client.onView((view) => {
      queueMicrotask(() => off());
      resolve(view);
    });
  });

/** A client that is given answers behind their views, and the views that it has seen, of which the first is there. */
async function watching(connect: (order: 'answer_after_view') => ContractClient<typeof calls, number>) {
  const client = connect('answer_after_view');
  const seen: number[] = [];
  await new Promise<void>((resolve) => {
    client.onView((view) => {
      seen.push(view);
      resolve();
    });
  });
  return { client, seen };
}

it('makes no view for a client that does not watch, however much changes', async () => {
  const { connect, made } = await serve();
  const client = connect();
  for (let i = 0; i < 3; i++) {
    server?.changed();
    expect(await client.call('ask', {})).toEqual({ made: 0 });
  }
  expect(made()).toBe(0);
});

it('sends the present view to whoever begins to watch, and again after a pause', async () => {
  const { connect } = await serve();
  const client = connect();
  expect(await nextView(client)).toBe(1);
  await client.call('ask', {});
  server?.changed();
  expect(await client.call('ask', {})).toEqual({ made: 1 });
  expect(await nextView(client)).toBe(2);
});

it('pushes changes to those who watch', async () => {
  const { connect } = await serve();
  const seen: number[] = [];
  const client = connect();
  const two = new Promise<void>((resolve) => {
    client.onView((view) => {
      seen.push(view);
      if (seen.length === 1) server?.changed();
      else resolve();
    });
  });
  await two;
  expect(seen).toEqual([1, 2]);
});

it('gives an answer after the view that shows what the call did, and one that changed nothing at once', async () => {
  const { connect } = await serve();
  const { client, seen } = await watching(connect);
  for (let i = 1; i <= 5; i++) {
    const { made } = await client.call('change', {});
    expect(seen).toHaveLength(made + 1);
  }
  // Together: one view shows both, and neither answer comes before it.
  const before = seen.length;
  await Promise.all([client.call('change', {}), client.call('change', {})]);
  expect(seen).toHaveLength(before + 1);
  expect(await client.call('ask', {})).toEqual({ made: before + 1 });
});

it('holds no answer back from whoever has ceased to watch, or whose core goes', async () => {
  const { connect } = await serve();
  const client = connect('answer_after_view');
  const off = await new Promise<() => void>((resolve) => {
    const stop = client.onView(() => queueMicrotask(() => resolve(stop)));
  });
  await client.call('change', {});
  const held = client.call('change', {});
  await new Promise((resolve) => setTimeout(resolve, 5));
  off();
  await held;
  const other = connect('answer_after_view');
  await new Promise<void>((resolve) => {
    other.onView(() => resolve());
  });
  await other.call('change', {});
  const lost = other.call('change', {});
  await server?.close();
  await expect(lost).rejects.toMatchObject({ refusal: { code: 'core_gone' } });
});

it('is not held up when the wall clock is set back', async () => {
  const { connect } = await serve();
  const { client, seen } = await watching(connect);
  await client.call('change', {});
  const clock = Date.now;
  Date.now = () => clock() - 24 * 3_600_000;
  try {
    const { made } = await client.call('change', {});
    expect(seen).toHaveLength(made + 1);
  } finally {
    Date.now = clock;
  }
});
