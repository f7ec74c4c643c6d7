import type { DisplaySettings } from '@sandoq/kit';
import { useRef, useState } from 'react';
import type { BallotView, VoterView } from '../../contract/voting.ts';
import { type Caller, useCaller } from '../station.ts';
import { useBoxKey } from './box-keys.ts';
import { ContestScreen } from './contest.tsx';
import { Review } from './review.tsx';
import type { Choice, Contest } from './selection.ts';

export interface BallotProps {
  readonly view: VoterView;
  readonly ballot: BallotView;
  readonly settings: DisplaySettings;
  readonly onDisplay: () => void;
}

/** A contest of this voter's style with what she has chosen in it. */
export interface Page {
  /** the contest's index in the package */
  readonly index: number;
  readonly contest: Contest;
  readonly choice: Choice;
}

interface Pending {
  readonly contest: number;
  readonly choice: Choice;
}

const sameChoice = (a: Choice, b: Choice): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * The choice as the voter sees it: what the voting process says, and over it what was sent and not yet answered, so
 * that two quick touches do not work from the same stale list. It lives in this component's memory only.
 */
function useChoices(view: VoterView, caller: Caller) {
  const [pending, setPending] = useState<readonly Pending[]>([]);
  // Each view brings new arrays; where nothing has changed the one already drawn stands, and nothing is drawn again.
  const drawn = useRef(new Map<number, Choice>());
  const inView = (contest: number): Choice =>
    view.choices.find((each) => each.contest === contest)?.choice ?? null;
  // What this view has answered is settled while it is drawn, so that the screen is drawn once for both.
  const [answered, setAnswered] = useState(view.choices);
  if (answered !== view.choices) {
    setAnswered(view.choices);
    const left = pending.filter(({ contest, choice }) => !sameChoice(choice, inView(contest)));
    if (left.length !== pending.length) setPending(left);
  }
  const of = (contest: number): Choice => {
    const sent = pending.findLast((each) => each.contest === contest);
    const now = sent === undefined ? inView(contest) : sent.choice;
    const before = drawn.current.get(contest);
    if (before !== undefined && sameChoice(before, now)) return before;
    drawn.current.set(contest, now);
    return now;
  };
  const choose = async (contest: number, choice: Choice): Promise<boolean> => {
    const sent: Pending = { contest, choice };
    setPending((now) => [...now.filter((each) => each.contest !== contest), sent]);
    const given = Array.isArray(choice) ? [...choice] : choice;
    const done = await caller.run('voter.choose', { contest, choice: given });
    // The view that came before this answer holds what the voting process now has, be it this choice, a later one of
    // the box's keypad, or after a refusal the one before.
    setPending((now) => (now.includes(sent) ? now.filter((each) => each !== sent) : now));
    return done !== undefined;
  };
  return { of, choose };
}

/** From the first contest to the read-back. Mounted for one voter; what it remembers goes with it. */
export function Ballot({ view, ballot, settings, onDisplay }: BallotProps) {
  const caller = useCaller(view.phase === 'review');
  const choices = useChoices(view, caller);
  const pages: Page[] = view.contests.flatMap((index) => {
    const contest = ballot.contests[index];
    return contest === undefined ? [] : [{ index, contest, choice: choices.of(index) }];
  });
  // After a reload the voter goes on where she had not yet chosen.
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      pages.findIndex(({ choice }) => choice === null),
    ),
  );
  const [asked, setAsked] = useState<readonly number[]>([]);
  const [returnToReview, setReturnToReview] = useState(false);
  const page = pages[Math.min(at, pages.length - 1)];
  const frame = { view, settings, onDisplay };

  /** Turns to a contest on the screen; the box's digits follow. */
  const turnTo = (place: number): void => {
    setAt(place);
    void caller.run('voter.touch', { place });
  };
  useBoxKey(view, ({ place }) => {
    setReturnToReview(false);
    // Asked about by the keypad: the screen does not ask again.
    const index = view.contests[place];
    if (view.code === 'undervote_asked' && index !== undefined && !asked.includes(index))
      setAsked([...asked, index]);
    if (place >= 0 && place < pages.length) setAt(place);
  });

  const openReview = async (): Promise<void> => {
    setReturnToReview(false);
    await caller.run('voter.review', { open: true });
  };
  const change = async (position: number): Promise<void> => {
    if ((await caller.run('voter.review', { open: false })) === undefined) return;
    turnTo(position);
    setReturnToReview(true);
  };
  if (page === undefined) return null;
  if (view.phase === 'review') {
    return <Review {...frame} pages={pages} caller={caller} onChange={(position) => void change(position)} />;
  }
  const isLast = at >= pages.length - 1;
  const goOn = (): void => {
    if (isLast || returnToReview) void openReview();
    else turnTo(at + 1);
  };
  return (
    <ContestScreen
      key={page.index}
      {...frame}
      page={page}
      position={at + 1}
      pages={pages.length}
      refusal={caller.refusal}
      isReviewNext={isLast || returnToReview}
      wasAsked={asked.includes(page.index)}
      onAsked={() => setAsked([...asked, page.index])}
      onChoose={(choice) => choices.choose(page.index, choice)}
      onBack={at === 0 ? null : () => turnTo(at - 1)}
      onNext={goOn}
      onLeave={() => void caller.run('voter.leave', {})}
    />
  );
}
