/** A scripted voting process that keeps a voter's choices as the real one does. */
import type { BallotView, VoterView } from '../../src/contract/voting.ts';
import type { ScriptedStation } from './scripted-station.ts';

export interface ScriptedVoter {
  /** Shows this view from now on. */
  show(view: VoterView): void;
}

export function scriptVoter(station: ScriptedStation, ballot: () => BallotView): ScriptedVoter {
  const show = (view: VoterView): void => {
    station.voter = view;
    station.changed();
  };
  station.on('ballot.read', ballot);
  station.on('voter.choose', (input: VoterView['choices'][number]) =>
    show({
      ...station.voter,
      choices: station.voter.choices.map((each) => (each.contest === input.contest ? input : each)),
    }),
  );
  station.on('voter.touch', () => undefined);
  station.on('voter.review', ({ open }: { readonly open: boolean }) =>
    show({ ...station.voter, phase: open ? 'review' : 'choosing' }),
  );
  return { show };
}
