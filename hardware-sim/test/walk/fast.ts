/** Voters by the fast path beside those who are walked through the screens: the same cores, the same bench, no browser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBenchClient } from '@sandoq/hardware-sim';
import {
  type AdmissionCalls,
  type AdmissionView,
  admissionViewSchema,
  connectContract,
  type OfficerView,
  officerViewSchema,
  type VoterView,
  type VotingCalls,
  voterViewSchema,
} from '@sandoq/station-app';
import type { PlannedVoter } from '../../rig/day-plan.ts';
import { admit, type Hands, vote } from '../../rig/hands.ts';
import { STATION } from './system.ts';
import type { Visitor } from './windows.ts';

interface CoreConfig {
  readonly socket: string;
  readonly token: string;
}
const config = <Config>(data: string, ...path: string[]): Config =>
  JSON.parse(readFileSync(join(data, ...path, 'config.json'), 'utf8')) as Config;

export interface FastHands extends Hands {
  close(): void;
}

const HANDS_LOOKS_MAX = 200;
const HANDS_LOOK_MS = 50;

/** What was pressed on the panel's page may still be on its way to the bench. */
async function lastHandsAreGone(bench: Hands['bench']): Promise<void> {
  for (let looks = 0; looks < HANDS_LOOKS_MAX; looks++) {
    const { slots } = await bench.perform({ do: 'state', station: STATION });
    if (slots.document === null && slots.box_pad === null) return;
    await new Promise((resolve) => setTimeout(resolve, HANDS_LOOK_MS));
  }
  throw new Error('a card of the one before lies there still');
}

/** The cores may have been started again since the last time: addresses stay, connections do not. */
export async function fastHands(data: string): Promise<FastHands> {
  const voting = config<CoreConfig>(data, 'station', STATION, 'voting');
  const admission = config<CoreConfig>(data, 'station', STATION, 'admission');
  const bench = await createBenchClient(config<{ control_socket: string }>(data, 'bench').control_socket);
  await lastHandsAreGone(bench);
  const officer = connectContract<VotingCalls, OfficerView>(voting.socket, voting.token, 'executive', (raw) =>
    officerViewSchema.parse(raw),
  );
  const voter = connectContract<VotingCalls, VoterView>(voting.socket, voting.token, 'voter', (raw) =>
    voterViewSchema.parse(raw),
  );
  const desk = connectContract<AdmissionCalls, AdmissionView>(
    admission.socket,
    admission.token,
    'executive',
    (raw) => admissionViewSchema.parse(raw),
  );
  // The processes are the launcher's: they are neither started nor stopped here.
  const cores = { officer, voter, desk } as unknown as Hands['cores'];
  return {
    bench,
    station: STATION,
    cores,
    close() {
      officer.close();
      voter.close();
      desk.close();
      bench.close();
    },
  };
}

/** What each chooses: by their place in the queue, blank at every fifth. */
function choicesOf(contests: readonly number[], place: number): PlannedVoter['choices'] {
  return contests.map((contest) => ({
    contest,
    choice: (place + contest) % 5 === 4 ? ('blank' as const) : [(place * 7 + contest) % 3],
  }));
}

/** @param contestsOf the contests of a person's ballot style */
export async function voteFast(
  data: string,
  people: readonly Visitor[],
  contestsOf: (person: Visitor) => readonly number[],
  tarefe: string,
): Promise<void> {
  const hands = await fastHands(data);
  try {
    for (const [place, person] of people.entries()) {
      const voter = { ...person, choices: choicesOf(contestsOf(person), place) } as unknown as PlannedVoter;
      await admit(hands, voter, tarefe);
      await vote(hands, voter, tarefe);
    }
    // What a fast hand leaves on the desk is taken away.
    await hands.bench.perform({ do: 'finger', station: STATION, national_code: null });
  } finally {
    hands.close();
  }
}
