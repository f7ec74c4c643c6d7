/** Deeds that are asked about before they begin. */
import { Button, Dialog } from '@sandoq/kit';
import type { ReactNode } from 'react';
import type { AdmissionView } from '../../contract/admission.ts';
import type { OfficerView } from '../../contract/voting.ts';
import { useCaller, useStationTexts } from '../station.ts';
import { Amend } from './amend.tsx';
import { dayBook, PauseReasons, Reports } from './day-book.tsx';
import { TakeBack } from './desk.tsx';
import { CallerRefusal } from './refusal.tsx';
import { ReportForm } from './report.tsx';
import { Troubles } from './troubles.tsx';

export type Question =
  | 'doors'
  | 'close'
  | 'abandon'
  | 'take_back'
  | 'more'
  | 'pause'
  | 'amendment'
  | 'report'
  | 'troubles'
  | 'guide'
  | null;

function Confirm(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly confirm: string;
  readonly isDanger?: boolean;
  readonly isBusy: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  const t = useStationTexts();
  return (
    <Dialog
      isOpen
      kind="alert"
      title={props.title}
      onClose={props.onClose}
      actions={
        <>
          <Button
            kind={props.isDanger === true ? 'danger' : 'primary'}
            isBusy={props.isBusy}
            onPress={props.onConfirm}
          >
            {props.confirm}
          </Button>
          <Button onPress={props.onClose}>{t('button.back')}</Button>
        </>
      }
    >
      {props.children}
    </Dialog>
  );
}

/** A deed or a list that has nothing to confirm: it stands until it is closed. */
function Sheet({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const t = useStationTexts();
  return (
    <Dialog
      isOpen
      title={title}
      onClose={onClose}
      actions={<Button onPress={onClose}>{t('button.close')}</Button>}
    >
      {children}
    </Dialog>
  );
}

const PAUSABLE: readonly OfficerView['phase'][] = ['open', 'doors_closed'];
const AMENDABLE: readonly OfficerView['phase'][] = ['set_up', 'loaded', 'opening', 'open', 'doors_closed'];

/** A guide has no business in a real vote. */
export const isRehearsal = ({ election, mode }: OfficerView): boolean =>
  mode === 'rehearsal' || (mode === null && election.demonstration);

/** What is seldom done, one press away at every stage. */
function More({ voting, ask }: { readonly voting: OfficerView; readonly ask: (question: Question) => void }) {
  const t = useStationTexts();
  const entries = [
    'troubles',
    ...(PAUSABLE.includes(voting.phase) && dayBook(voting).paused === null ? (['pause'] as const) : []),
    ...(AMENDABLE.includes(voting.phase) ? (['amendment'] as const) : []),
    'report',
    ...(isRehearsal(voting) ? (['guide'] as const) : []),
  ] as const;
  return (
    <ul className="st-reasons">
      {entries.map((entry) => (
        <li key={entry}>
          <Button isWide onPress={() => ask(entry)}>
            {t(`more.${entry}`)}
          </Button>
          <p>{t(`more.${entry}.lead`)}</p>
        </li>
      ))}
    </ul>
  );
}

const SHEETS = ['more', 'pause', 'amendment', 'report', 'troubles'] as const;
type SheetName = (typeof SHEETS)[number];
const isSheet = (question: Question): question is SheetName => SHEETS.some((each) => each === question);

function SheetBody({
  sheet,
  voting,
  ask,
  onClose,
}: {
  readonly sheet: SheetName;
  readonly voting: OfficerView;
  readonly ask: (question: Question) => void;
  readonly onClose: () => void;
}) {
  switch (sheet) {
    case 'more':
      return <More voting={voting} ask={ask} />;
    case 'pause':
      return <PauseReasons onClose={onClose} />;
    case 'amendment':
      return <Amend voting={voting} />;
    case 'report':
      return (
        <>
          <ReportForm voting={voting} />
          <Reports voting={voting} />
        </>
      );
    case 'troubles':
      return <Troubles />;
  }
}

export function Questions({
  question,
  voting,
  admission,
  ask,
}: {
  readonly question: Question;
  readonly voting: OfficerView;
  readonly admission: AdmissionView | null;
  readonly ask: (question: Question) => void;
}) {
  const t = useStationTexts();
  const caller = useCaller();
  const onClose = (): void => ask(null);
  if (question === null || question === 'guide') return null;
  if (question === 'take_back') return <TakeBack onClose={onClose} />;
  if (isSheet(question))
    return (
      <Sheet title={t(`sheet.${question}`)} onClose={onClose}>
        <SheetBody sheet={question} voting={voting} ask={ask} onClose={onClose} />
      </Sheet>
    );
  const deeds = {
    // Admission hears first: nobody new is admitted while the voting side still waits for its approvals.
    doors: async () => {
      if (admission?.phase === 'open' && (await caller.run('doors.close', {})) === undefined) return false;
      return (await caller.run('doors.close_begin', {})) !== undefined;
    },
    close: async () => (await caller.run('close.begin', { amendment: null })) !== undefined,
    abandon: async () => (await caller.run('abandon.begin', {})) !== undefined,
  } as const;
  return (
    <Confirm
      title={t(`ask.${question}.title`)}
      confirm={t(`ask.${question}.confirm`)}
      isDanger={question !== 'doors'}
      isBusy={caller.isBusy}
      onConfirm={() => void deeds[question]().then((isDone) => isDone && onClose())}
      onClose={onClose}
    >
      <p>{t(`ask.${question}.lead`)}</p>
      <CallerRefusal caller={caller} />
    </Confirm>
  );
}
