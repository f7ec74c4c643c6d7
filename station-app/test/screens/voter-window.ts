/** The voter's window of a scripted station that keeps her choices as the real one does, opened in the browser. */
import type { Page } from 'playwright-core';
import type { BallotView } from '../../src/contract/voting.ts';
import { ADMISSION, OFFICER, VOTER } from './sample.ts';
import { type ScriptedStation, scriptStation } from './scripted-station.ts';
import { type ScriptedVoter, scriptVoter } from './scripted-voter.ts';
import { openWindows, type Windows } from './windows.ts';

export interface VoterWindow {
  readonly station: ScriptedStation;
  readonly voter: ScriptedVoter;
  readonly windows: Windows;
  readonly page: Page;
  close(): Promise<void>;
}

/** @param script what the station answers beside a voter's own calls, before the window asks for anything */
export async function openVoterWindow(
  ballot: BallotView,
  script: (station: ScriptedStation) => void = () => undefined,
): Promise<VoterWindow> {
  const station = await scriptStation({ officer: OFFICER, voter: VOTER, admission: ADMISSION });
  const voter = scriptVoter(station, () => ballot);
  script(station);
  const windows = await openWindows(station, { isClockFixed: false });
  const close = async (): Promise<void> => {
    await windows.close();
    await station.close();
  };
  return { station, voter, windows, page: await windows.open('voter'), close };
}
