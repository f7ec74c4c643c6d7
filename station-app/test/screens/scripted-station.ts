/**
 * Both cores' contract sockets, served strictly from a script: views are what the test says, a call that the test did
 * not expect is an error of the test, and every call's input and role are kept for it to look at.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AdmissionView, admissionCalls, admissionViewSchema } from '../../src/contract/admission.ts';
import type { Calls, ScreenRole } from '../../src/contract/contract.ts';
import { type ContractServer, type Handlers, Refused, serveContract } from '../../src/contract/socket.ts';
import {
  type OfficerView,
  officerViewSchema,
  type VoterView,
  voterViewSchema,
  votingCalls,
} from '../../src/contract/voting.ts';
import type { Core } from '../../src/shells/window-protocol.ts';

export interface HeardCall {
  readonly core: Core;
  readonly name: string;
  readonly input: unknown;
  readonly role: ScreenRole;
}
export type Answer = (input: never, role: ScreenRole) => unknown;

export interface ScriptedStation {
  readonly heard: HeardCall[];
  /** Calls that no answer was scripted for. */
  readonly unexpected: string[];
  officer: OfficerView;
  voter: VoterView;
  admission: AdmissionView;
  /** What a call answers from now on; throw `Refused` to refuse. */
  on(name: string, answer: Answer): void;
  changed(): void;
  readonly addresses: Readonly<Record<Core, { readonly socket: string; readonly token: string }>>;
  /** Ends one core's socket, as a restart does. */
  stop(core: Core): Promise<void>;
  start(core: Core): Promise<void>;
  close(): Promise<void>;
}

const TOKENS = { voting: 'voting-test-token', admission: 'admission-test-token' } as const;
const CONTRACTS: Readonly<Record<Core, Calls>> = { voting: votingCalls, admission: admissionCalls };

export async function scriptStation(views: {
  readonly officer: OfficerView;
  readonly voter: VoterView;
  readonly admission: AdmissionView;
}): Promise<ScriptedStation> {
  const folder = mkdtempSync(join(tmpdir(), 'sandoq-screens-'));
  const answers = new Map<string, Answer>();
  const servers = new Map<Core, ContractServer>();
  const addresses = {
    voting: { socket: join(folder, 'voting.sock'), token: TOKENS.voting },
    admission: { socket: join(folder, 'admission.sock'), token: TOKENS.admission },
  };
  const station: ScriptedStation = {
    ...views,
    heard: [],
    unexpected: [],
    on: (name, answer) => void answers.set(name, answer),
    changed() {
      for (const server of servers.values()) server.changed();
    },
    addresses,
    async stop(core) {
      await servers.get(core)?.close();
      servers.delete(core);
    },
    async start(core) {
      servers.set(core, await serve(core));
    },
    async close() {
      for (const server of servers.values()) await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const handlersOf = (core: Core): Handlers<Calls> =>
    Object.fromEntries(
      Object.keys(CONTRACTS[core]).map((name) => [
        name,
        (input: unknown, role: ScreenRole) => {
          station.heard.push({ core, name, input, role });
          const answer = answers.get(name);
          if (answer === undefined) {
            station.unexpected.push(name);
            throw new Refused('wrong_state');
          }
          return answer(input as never, role) ?? {};
        },
      ]),
    );
  // A script that is no view of the contract is the test's own error, not the screen's.
  const viewOf = (core: Core) => (role: ScreenRole) => {
    if (core === 'admission') return admissionViewSchema.parse(station.admission);
    return role === 'voter' ? voterViewSchema.parse(station.voter) : officerViewSchema.parse(station.officer);
  };
  const serve = (core: Core): Promise<ContractServer> =>
    serveContract({
      path: addresses[core].socket,
      token: addresses[core].token,
      calls: CONTRACTS[core],
      handlers: handlersOf(core),
      view: viewOf(core),
      onFailure: (call, cause) => station.unexpected.push(`${call}: ${String(cause)}`),
    });
  await station.start('voting');
  await station.start('admission');
  return station;
}
