import { Button, Columns, type DisplaySettings, Notice, Panel } from '@sandoq/kit';
import { useEffect, useState } from 'react';
import type { AdmissionView } from '../../contract/admission.ts';
import type { OfficerView } from '../../contract/voting.ts';
import { type Caller, useCaller, useCodes, useStationTexts } from '../station.ts';
import type { StationState } from '../station-link.ts';
import { ApprovalPanel } from './approval.tsx';
import { Approvals, Count, Outbox, Recount, SlipView, useBallot } from './closing.tsx';
import { type ApprovalStep, type Stage, stageOf, stepOf } from './day.ts';
import { CardTrials, Deeds, dayBook, Paused, Reports } from './day-book.tsx';
import { Desk, DeskFault, DeskOpening } from './desk.tsx';
import { OfficerFrame } from './frame.tsx';
import { isOfficer } from './officers.ts';
import { OutstandingCards } from './outstanding.tsx';
import { Papers } from './papers.tsx';
import { isRehearsal, type Question, Questions } from './questions.tsx';
import { CallerRefusal } from './refusal.tsx';
import { RehearsalGuide } from './rehearsal-panel.tsx';
import { ReportForm } from './report.tsx';
import { OpeningForm, SetUp } from './set-up.tsx';
import { AtTheBox, Devices, LedgerStrips, Ledgers, Numbers } from './side.tsx';
import { Terminals } from './terminals.tsx';
import { WATCHERS, Watching, ZeroReport } from './watching.tsx';

export interface OfficerAppProps {
  readonly state: StationState;
  readonly voting: OfficerView;
  readonly admission: AdmissionView | null;
  readonly settings: DisplaySettings;
  readonly onSettings: (settings: DisplaySettings) => void;
}

/** What went wrong, above everything else: the link, a core, the box. */
function Alerts({
  state,
  voting,
  caller,
}: {
  readonly state: StationState;
  readonly voting: OfficerView;
  readonly caller: Caller;
}) {
  const t = useStationTexts();
  const codes = useCodes();
  const lost = Object.entries(state.cores).filter(([, each]) => each === 'lost');
  return (
    <>
      {state.link === 'lost' ? (
        <Notice kind="fault" title={t('waiting.lost.what')} next={t('waiting.lost.do')} isAnnounced />
      ) : null}
      {state.link === 'lost'
        ? null
        : lost.map(([core]) => (
            <Notice
              key={core}
              kind="fault"
              title={t(core === 'voting' ? 'core.voting.lost' : 'core.admission.lost')}
              next={t('core.lost.do')}
              isAnnounced
            />
          ))}
      <Paused voting={voting} caller={caller} canResume={isOfficer(state.role)} />
      {voting.fault === null ? null : (
        <Notice
          kind="fault"
          title={codes.happened(voting.fault.code)}
          next={codes.todo(voting.fault.code)}
          isAnnounced
          {...(isOfficer(state.role) && voting.phase !== 'no_package' && voting.fault.code !== 'card_unburnt'
            ? {
                actions: (
                  <Button
                    kind="primary"
                    isBusy={caller.isBusy}
                    onPress={() => void caller.run('fault.acknowledge', {})}
                  >
                    {t('fault.acknowledge')}
                  </Button>
                ),
              }
            : {})}
        />
      )}
    </>
  );
}

function Running({
  state,
  voting,
  admission,
}: {
  readonly state: StationState;
  readonly voting: OfficerView;
  readonly admission: AdmissionView;
}) {
  const isDeskClosed = admission.phase === 'set_up' || admission.phase === 'no_package';
  if (isDeskClosed) {
    return (
      <Columns shape="wide">
        {admission.phase === 'no_package' ? (
          <DeskFault admission={admission} />
        ) : (
          <DeskOpening admission={admission} mode={voting.mode ?? 'rehearsal'} />
        )}
        <div className="st-stack">
          <ZeroReport voting={voting} canTick={isOfficer(state.role)} />
          {isOfficer(state.role) ? <Papers voting={voting} /> : null}
        </div>
      </Columns>
    );
  }
  // Paused, nobody new comes to the desk; whoever stands there is seen to.
  const isDeskAtRest =
    dayBook(voting).paused !== null && (admission.state === 'idle' || admission.state === 'done');
  return (
    <>
      <LedgerStrips voting={voting} admission={admission} />
      <Columns shape="wide">
        <div className="st-stack">
          {isOfficer(state.role) && admission.phase !== 'closed' && !isDeskAtRest ? (
            <Desk admission={admission} role={state.role} />
          ) : null}
          <Numbers voting={voting} admission={admission} />
        </div>
        <div className="st-stack">
          <AtTheBox voting={voting} />
          <Terminals admission={admission} />
          <Devices voting={voting} admission={admission} state={state} />
        </div>
      </Columns>
    </>
  );
}

function Retention({ voting, canTick }: { readonly voting: OfficerView; readonly canTick: boolean }) {
  const t = useStationTexts();
  return (
    <Panel title={t('retention.title')}>
      <p>{t('retention.lead')}</p>
      <Deeds voting={voting} part="retention" canTick={canTick} />
    </Panel>
  );
}

function AfterClose({
  state,
  voting,
  caller,
  stage,
}: {
  readonly state: StationState;
  readonly voting: OfficerView;
  readonly caller: Caller;
  readonly stage: Stage;
}) {
  const ballot = useBallot(dayBook(voting).amendments.length);
  if (voting.slip === null) return <Count voting={voting} />;
  return (
    <Columns shape="wide">
      <SlipView slip={voting.slip} ballot={ballot} />
      <div className="st-stack">
        {voting.phase === 'finished' ? (
          <Outbox voting={voting} caller={caller} />
        ) : (
          <Recount voting={voting} />
        )}
        {isOfficer(state.role) ? <Papers voting={voting} /> : null}
        {stage === 'sending' ? <Retention voting={voting} canTick={isOfficer(state.role)} /> : null}
        <Approvals slip={voting.slip} />
        {isOfficer(state.role) ? null : <ReportForm voting={voting} reporters={WATCHERS} />}
        <Reports voting={voting} />
      </div>
    </Columns>
  );
}

/** The day before: what only people can see to. */
function SetUpByHand({ state, voting }: { readonly state: StationState; readonly voting: OfficerView }) {
  const t = useStationTexts();
  if (voting.phase === 'no_package') return null;
  return (
    <div className="st-stack">
      {isOfficer(state.role) ? <CardTrials voting={voting} /> : null}
      <Panel title={t('deeds.set_up')}>
        <Deeds voting={voting} part="set_up" canTick={isOfficer(state.role)} />
      </Panel>
    </div>
  );
}

function Body({
  state,
  voting,
  admission,
  step,
  stage,
  caller,
}: OfficerAppProps & { readonly step: ApprovalStep | null; readonly stage: Stage; readonly caller: Caller }) {
  if (state.role === 'inspector' && stage !== 'slip' && stage !== 'sending')
    return <Watching state={state} voting={voting} />;
  if (step !== null && isOfficer(state.role)) {
    return (
      <Columns shape="wide">
        <ApprovalPanel key={step} voting={voting} step={step} />
        <div className="st-stack">
          {step === 'slip' && voting.slip !== null ? <Approvals slip={voting.slip} /> : null}
          <Devices voting={voting} admission={admission} state={state} />
          {step === 'opening' ? null : <Ledgers voting={voting} admission={admission} />}
        </div>
      </Columns>
    );
  }
  switch (stage) {
    case 'set_up':
      return (
        <Columns shape="wide">
          <div className="st-stack">
            {voting.phase === 'no_package' ? null : <DeskFault admission={admission} />}
            <SetUp voting={voting} caller={caller} />
            <Devices voting={voting} admission={admission} state={state} />
          </div>
          <SetUpByHand state={state} voting={voting} />
        </Columns>
      );
    case 'opening':
      return <OpeningForm voting={voting} />;
    case 'voting':
    case 'doors':
    case 'closing':
      return admission === null ? null : <Running state={state} voting={voting} admission={admission} />;
    case 'count':
      return (
        <>
          {admission !== null && isOfficer(state.role) ? (
            <OutstandingCards voting={voting} admission={admission} role={state.role} />
          ) : null}
          <Count voting={voting} />
        </>
      );
    case 'slip':
    case 'sending':
      return <AfterClose state={state} voting={voting} caller={caller} stage={stage} />;
  }
}

/** The one or two deeds that move the day on, beside the sentence that says whose turn it is. */
function StageActions({
  voting,
  admission,
  stage,
  caller,
  ask,
}: {
  readonly voting: OfficerView;
  readonly admission: AdmissionView | null;
  readonly stage: Stage;
  readonly caller: Caller;
  readonly ask: (question: Question) => void;
}) {
  const t = useStationTexts();
  switch (stage) {
    case 'set_up':
      // Nothing to load until a whole package is there; it is looked for again by itself.
      return voting.phase === 'no_package' ? null : (
        <Button
          kind="primary"
          isBusy={caller.isBusy || voting.progress !== null}
          onPress={() => void caller.run('package.load', {})}
        >
          {t('set_up.load')}
        </Button>
      );
    case 'voting':
    case 'doors':
      return (
        <>
          {admission?.phase === 'open' || admission?.phase === 'doors_closed' ? (
            <Button onPress={() => ask('take_back')}>{t('back.open')}</Button>
          ) : null}
          {voting.voter !== 'in_window' && voting.voter !== 'officer_needed' ? null : (
            <Button onPress={() => ask('abandon')}>{t('abandon.open')}</Button>
          )}
          {stage === 'voting' ? (
            <Button onPress={() => ask('doors')}>{t('doors.open')}</Button>
          ) : (
            <Button kind="danger" onPress={() => ask('close')}>
              {t('close.open')}
            </Button>
          )}
        </>
      );
    case 'slip':
      return (
        <Button
          // Not the thing to do next where the recount disagrees, and not forbidden: a dispute is signed as one.
          kind={voting.recount === 'disagreed' ? 'quiet' : 'primary'}
          isBusy={caller.isBusy}
          onPress={() => void caller.run('slip.approve_begin', {})}
        >
          {t('slip.approve_begin')}
        </Button>
      );
    case 'sending':
      return voting.outbox.state === 'received' ? null : (
        <Button
          kind="primary"
          isBusy={caller.isBusy || voting.outbox.state === 'sending'}
          onPress={() => void caller.run('slip.send', {})}
        >
          {t('send.now')}
        </Button>
      );
    default:
      return null;
  }
}

/** Whose turn it is and what to do, by the core's word where it has one, else by the stage. */
function useNext({ voting, admission }: OfficerAppProps, stage: Stage, step: ApprovalStep | null): string {
  const t = useStationTexts();
  const codes = useCodes();
  const isRunning = stage === 'voting' || stage === 'doors';
  const isAtDesk = isRunning && step === null && voting.fault === null && dayBook(voting).paused === null;
  const next = isAtDesk && admission !== null ? admission.next : voting.next;
  const sentence = codes.find(`next.${next.code}`) ?? t(step === null ? `stage.${stage}.next` : 'step.next');
  return next.who === 'nobody' ? sentence : t('next.who', { who: t(`who.${next.who}`), what: sentence });
}

export function OfficerApp(props: OfficerAppProps) {
  const { state, voting, admission, settings, onSettings } = props;
  const t = useStationTexts();
  const caller = useCaller();
  const [question, setQuestion] = useState<Question>(null);
  const [isGuided, setGuided] = useState(state.guide);
  const ask = (asked: Question): void => {
    if (asked === 'guide') setGuided(true);
    setQuestion(asked === 'guide' ? null : asked);
  };
  const stage = stageOf(voting);
  const step = stepOf(voting);
  const next = useNext(props, stage, step);
  const lost = Object.values(state.cores).includes('lost');
  const trouble = lost ? 'core' : (voting.fault?.code ?? null);
  // A new part of the day, and a new fault, begin at the top of the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: stage, step and fault are what it follows
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [stage, step, trouble]);
  const isActingRole = isOfficer(state.role);
  const isActing = isActingRole && step === null;
  return (
    <OfficerFrame
      voting={voting}
      stage={stage}
      title={t(step === null ? `stage.${stage}.title` : `approve.${step}.stage`)}
      {...(step === null && stage === 'voting'
        ? {}
        : { lead: t(step === null ? `stage.${stage}.lead` : 'step.lead') })}
      next={next}
      settings={settings}
      onSettings={onSettings}
      {...(isActing
        ? {
            actions: (
              <>
                <Button onPress={() => ask('more')}>{t('more.open')}</Button>
                <StageActions voting={voting} admission={admission} stage={stage} caller={caller} ask={ask} />
              </>
            ),
          }
        : {})}
    >
      <Alerts state={state} voting={voting} caller={caller} />
      {isGuided && isActingRole && isRehearsal(voting) ? (
        <RehearsalGuide voting={voting} admission={admission} onEnd={() => setGuided(false)} />
      ) : null}
      {stage === 'set_up' || stage === 'sending' ? null : <CallerRefusal caller={caller} />}
      <Body {...props} step={step} stage={stage} caller={caller} />
      <Questions question={question} voting={voting} admission={admission} ask={ask} />
    </OfficerFrame>
  );
}
