/** Deeds that are asked about before they begin. */
import { Button, Dialog } from '@sandoq/kit';
import type { ReactNode } from 'react';
import type { AdmissionView } from '../../contract/admission.ts';
import { useCaller, useStationTexts } from '../station.ts';
import { TakeBack } from './desk.tsx';
import { CallerRefusal } from './refusal.tsx';

export type Question = 'doors' | 'close' | 'abandon' | 'take_back' | null;

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

export function Questions({
  question,
  admission,
  onClose,
}: {
  readonly question: Question;
  readonly admission: AdmissionView | null;
  readonly onClose: () => void;
}) {
  const t = useStationTexts();
  const caller = useCaller();
  if (question === null) return null;
  if (question === 'take_back') return <TakeBack onClose={onClose} />;
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
