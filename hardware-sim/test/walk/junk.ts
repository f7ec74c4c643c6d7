/** What a stranger on the machine can throw at the doors of a running system, while a voter is choosing. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { seededRandom } from '@sandoq/seeds';
import type { RunningSystem } from './system.ts';
import { STATION } from './system.ts';

/** A door that neither answers nor hangs up is left after this. */
const PATIENCE_MS = 500;

function junk(seed: number, length: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

/** Sends, and resolves with what came back before the door closed or patience ended. */
function knock(door: NetConnectOpts, chunks: readonly (Buffer | string)[]): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(door);
    const leave = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(heard);
    };
    const timer = setTimeout(leave, PATIENCE_MS);
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', leave).on('close', leave);
    socket.on('connect', () => {
      for (const chunk of chunks) socket.write(chunk);
    });
  });
}

const requests = (host: string): readonly (string | Buffer)[] => {
  const line = (target: string, more = ''): string =>
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
  const upgrade = `Origin: http://${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  return [
    junk(1, 2000),
    line('//'),
    line('/../../etc/passwd'),
    line('/%ff%00'),
    line('http://'),
    line('*'),
    line('/socket', upgrade),
    line(
      '//socket',
      `${upgrade}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n`,
    ),
    `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 99999999999\r\n\r\nx`,
  ];
};

interface CoreConfig {
  readonly socket: string;
  readonly token: string;
  readonly box_path?: string;
  readonly role_reader?: { readonly path: string };
  readonly reader?: { readonly path: string };
}

async function knockAtCore(core: CoreConfig): Promise<string> {
  const door = { path: core.socket };
  const hello = (token: string, role: string): string => `${JSON.stringify({ hello: { token, role } })}\n`;
  const calls = [
    '{"id":1,"call":"constructor","input":{}}',
    '{"id":2,"call":"ballot.read","input":{"more":1}}',
    '{"id":3,"call":"voter.choose","input":{"contest":-1,"choice":[99]}}',
    '{"id":4,"call":"count.run","input":{"admission_summary":"zz","pins":[]}}',
  ];
  await knock(door, [junk(2, 5000)]);
  await knock(door, ['{"id":1,"call":"voter.print","input":{}}\n']);
  await knock(door, [hello('guessed', 'executive'), ...calls.map((call) => `${call}\n`)]);
  await knock(door, [hello(core.token, '__proto__')]);
  await knock(door, [hello(core.token, 'executive'), Buffer.alloc(2 * 1024 * 1024, 'A')]);
  await knock(door, [hello(core.token, 'executive'), 'null\n', '[]\n', '{"id":"x"}\n']);
  return knock(door, [hello(core.token, 'inspector'), ...calls.map((call) => `${call}\n`)]);
}

/** Bytes on the wires themselves: the box's serial line and the readers' reports, beside the cores that hold them. */
async function disturbWires(voting: CoreConfig, admission: CoreConfig): Promise<void> {
  const line = openSync(voting.box_path as string, 'r+');
  for (let i = 0; i < 20; i++) writeSync(line, junk(100 + i, 200));
  closeSync(line);
  for (const reader of [voting.role_reader, admission.reader])
    await knock({ path: reader?.path as string }, [junk(3, 4096)]);
}

/** @returns what the two cores answered to calls that they must refuse */
export async function throwJunk(data: string, system: RunningSystem): Promise<string> {
  const config = (core: string): CoreConfig =>
    JSON.parse(readFileSync(join(data, 'station', STATION, core, 'config.json'), 'utf8')) as CoreConfig;
  const [voting, admission] = [config('voting'), config('admission')];
  for (const name of ['executive', 'bench panel', 'province'] as const) {
    const { host, hostname, port } = new URL(system.addresses[name]);
    for (const request of requests(host)) await knock({ host: hostname, port: Number(port) }, [request]);
  }
  const answers = [await knockAtCore(voting), await knockAtCore(admission)];
  await disturbWires(voting, admission);
  return answers.join('\n');
}
