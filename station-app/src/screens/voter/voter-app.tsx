import {
  Button,
  Dialog,
  DisplayControls,
  type DisplaySettings,
  Notice,
  Root,
  Screen,
  TEXT_SIZE_DEFAULT,
  useStable,
} from '@sandoq/kit';
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { CallRefusal } from '../../contract/contract.ts';
import type { BallotView, VoterView } from '../../contract/voting.ts';
import { useCodes, useLink, useStationTexts, useTopOf } from '../station.ts';
import type { StationState } from '../station-link.ts';
import { Waiting } from '../waiting.tsx';
import { Ballot } from './ballot.tsx';
import { DISPLAY_PLACE, displayAfter, useBoxKey } from './box-keys.ts';
import { PicturesProvider, useCandidatePictures } from './candidate-pictures.tsx';
import { searchIndexOf } from './finder.tsx';
import { Standing } from './standing.tsx';

/** How often activity without a choice is told to the voting process, at most. */
const TOUCH_MS = 4_000;

const SESSION_PHASES: readonly VoterView['phase'][] = [
  'choosing',
  'review',
  'printing',
  'in_window',
  'rejected',
];
export const isInSession = (phase: VoterView['phase']): boolean => SESSION_PHASES.includes(phase);

const startSettings = (locale: 'fa' | 'en'): DisplaySettings => ({
  locale,
  size: TEXT_SIZE_DEFAULT,
  theme: 'light',
});

/** The election's contests and names: read once, and again after the voting process was gone or an amendment came. */
function useVoterBallot(isConnected: boolean, amendments: number): BallotView | null {
  const link = useLink();
  const [ballot, setBallot] = useState<BallotView | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an amendment changes what is read
  useEffect(() => {
    if (!isConnected) return;
    let isWanted = true;
    link.call('ballot.read', {}).then(
      (read) => {
        if (!isWanted) return;
        setBallot(read);
        // Before anybody types: thousands of names take longer than a frame.
        for (const contest of read.contests) searchIndexOf(contest);
      },
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [link, isConnected, amendments]);
  return ballot;
}

/** Tells the voting process that somebody is there, seldom. */
function useActivity(isWanted: boolean): () => void {
  const link = useLink();
  const last = useRef(0);
  const touch = useStable((): void => {
    const now = performance.now();
    if (now - last.current < TOUCH_MS && last.current !== 0) return;
    last.current = now;
    link.call('voter.touch', {}).catch(() => undefined);
  });
  useEffect(() => {
    if (!isWanted) return;
    const events = ['pointerdown', 'keydown'] as const;
    for (const name of events) document.addEventListener(name, touch);
    return () => {
      for (const name of events) document.removeEventListener(name, touch);
    };
  }, [isWanted, touch]);
  return useStable((): void => {
    last.current = 0;
    touch();
  });
}

export interface VoterFrameProps {
  readonly view: VoterView;
  readonly settings: DisplaySettings;
  readonly onDisplay: () => void;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly status?: ReactNode;
  readonly next?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

const LooksButton = memo(
  ({ locale, onDisplay }: { readonly locale: 'fa' | 'en'; readonly onDisplay: () => void }) => {
    const t = useStationTexts();
    return (
      <Button onPress={onDisplay}>
        <span>{t('display.looks')}</span> ·{' '}
        <span lang={locale === 'fa' ? 'en' : 'fa'}>{t('display.short')}</span>
      </Button>
    );
  },
);

export function VoterFrame({ view, settings, onDisplay, ...rest }: VoterFrameProps) {
  useTopOf(rest.title);
  const { locale } = settings;
  const tools = useMemo(() => <LooksButton locale={locale} onDisplay={onDisplay} />, [locale, onDisplay]);
  return (
    <Screen
      election={view.election.title[locale]}
      station={view.station.name[locale]}
      {...(view.election.id === '' ? {} : { publicCounter: view.public_count })}
      tools={tools}
      {...rest}
    />
  );
}

/** What the voting process says beside the screen, and why the last deed was refused. */
export function Said({
  code,
  refusal,
}: {
  readonly code: string | null;
  readonly refusal: CallRefusal | null;
}) {
  const codes = useCodes();
  return (
    <>
      {code === null ? null : (
        <Notice
          kind="warning"
          title={codes.happened(code, 'voter')}
          next={codes.todo(code, 'voter')}
          isAnnounced
        />
      )}
      {refusal === null ? null : (
        <Notice
          kind="fault"
          title={codes.happened(refusal.code)}
          next={codes.todo(refusal.code)}
          isAnnounced
        />
      )}
    </>
  );
}

/** Whole seconds until the session ends, counted down here from the last word of the voting process. */
function useSecondsLeft(view: VoterView): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (!view.alert || view.idle_left_ms === null) return;
    const end = performance.now() + view.idle_left_ms;
    const tell = (): void => setSeconds(Math.max(0, Math.ceil((end - performance.now()) / 1000)));
    tell();
    const timer = setInterval(tell, 1000);
    return () => clearInterval(timer);
  }, [view]);
  return seconds;
}

export function IdleAlert({ view, onStay }: { readonly view: VoterView; readonly onStay: () => void }) {
  const t = useStationTexts();
  const seconds = useSecondsLeft(view);
  // Answered: closed until the voting process raises the alert anew.
  const [answered, setAnswered] = useState<VoterView | null>(null);
  return (
    <Dialog
      isOpen={view.alert && answered !== view && isInSession(view.phase)}
      kind="alert"
      title={t('idle.title')}
      actions={
        <Button
          kind="primary"
          autoFocus
          onPress={() => {
            setAnswered(view);
            onStay();
          }}
        >
          {t('idle.stay')}
        </Button>
      }
    >
      <p>{t('idle.lead')}</p>
      <p className="st-countdown" role="timer">
        {t('idle.seconds', { seconds })}
      </p>
    </Dialog>
  );
}

/** A voter's window. Everything that she did to it, its language and size too, is gone when her session ends. */
export function VoterApp({ state, view }: { readonly state: StationState; readonly view: VoterView | null }) {
  const [settings, setSettings] = useState(() => startSettings(state.locale));
  const [isDisplayOpen, setDisplayOpen] = useState(false);
  const ballot = useVoterBallot(state.cores.voting === 'connected', view?.amendments ?? 0);
  const pictures = useCandidatePictures(state.cores.voting === 'connected', ballot);
  const inSession = view !== null && isInSession(view.phase);
  const wasInSession = useRef(false);
  const stay = useActivity(inSession);
  const phase = view?.phase;
  // Digits of that place that were followed already.
  const followed = useRef('');
  useBoxKey(view, ({ place, digits }) => {
    const keyed = place === DISPLAY_PLACE ? digits : '';
    const isMore = keyed.startsWith(followed.current);
    const fresh = isMore ? keyed.slice(followed.current.length) : keyed;
    if (fresh !== '') setSettings((now) => displayAfter(now, fresh));
    followed.current = keyed;
    setDisplayOpen(place === DISPLAY_PLACE);
  });
  useEffect(() => {
    // The last screens of a session keep her language and size; the next voter starts afresh.
    if (wasInSession.current && (phase === 'welcome' || phase === 'not_open' || phase === undefined)) {
      wasInSession.current = false;
      setDisplayOpen(false);
      setSettings(startSettings(state.locale));
    }
    if (inSession) wasInSession.current = true;
  }, [phase, inSession, state.locale]);
  const mode = view?.mode === 'official' ? 'official' : 'rehearsal';
  const openDisplay = useStable((): void => setDisplayOpen(true));
  const closeDisplay = useStable((): void => setDisplayOpen(false));
  const frame = { settings, onDisplay: openDisplay };
  const needsBallot = view !== null && (view.phase === 'choosing' || view.phase === 'review');
  return (
    <Root {...settings} mode={mode} {...(state.px_per_mm === null ? {} : { pxPerMm: state.px_per_mm })}>
      {view === null || state.link === 'lost' || (needsBallot && ballot === null) ? (
        <Waiting state={state} />
      ) : needsBallot && ballot !== null ? (
        <PicturesProvider value={pictures}>
          <Ballot view={view} ballot={ballot} {...frame} />
        </PicturesProvider>
      ) : (
        <Standing view={view} {...frame} />
      )}
      {view === null ? null : <IdleAlert view={view} onStay={stay} />}
      <DisplayDialog
        isOpen={isDisplayOpen}
        settings={settings}
        onSettings={setSettings}
        onClose={closeDisplay}
      />
    </Root>
  );
}

interface DisplayDialogProps {
  readonly isOpen: boolean;
  readonly settings: DisplaySettings;
  readonly onSettings: (settings: DisplaySettings) => void;
  readonly onClose: () => void;
}

const DisplayDialog = memo(({ isOpen, settings, onSettings, onClose }: DisplayDialogProps) => {
  const t = useStationTexts();
  return (
    <Dialog
      isOpen={isOpen}
      title={t('display.title')}
      onClose={onClose}
      actions={
        <Button kind="primary" onPress={onClose}>
          {t('button.close')}
        </Button>
      }
    >
      <DisplayControls value={settings} onChange={onSettings} />
      <Notice kind="info" title={t('display.kept')} next={t('display.keys')} />
    </Dialog>
  );
});
