import { Button, Notice } from '@sandoq/kit';
import type { CallRefusal } from '../../contract/contract.ts';
import { type Caller, type CodeContext, useCodes, useStationTexts } from '../station.ts';

/** A person who may not vote is no fault of the station's: that is said in a calmer voice. One sentence what happened, one what to do. A detail is the core's own word on which field was wrong. */
export function RefusalNotice({
  refusal,
  about,
  onClose,
}: {
  readonly refusal: CallRefusal;
  readonly about?: CodeContext;
  readonly onClose?: () => void;
}) {
  const t = useStationTexts();
  const codes = useCodes();
  return (
    <Notice
      kind={about === 'person' ? 'warning' : 'fault'}
      title={codes.happened(refusal.code, about)}
      next={codes.todo(refusal.code, about)}
      isAnnounced
      {...(onClose === undefined
        ? {}
        : { actions: <Button onPress={onClose}>{t('button.understood')}</Button> })}
    >
      {refusal.detail === undefined || refusal.detail === '' ? null : (
        <p className="st-detail">{t('refusal.detail', { detail: { verbatim: refusal.detail } })}</p>
      )}
    </Notice>
  );
}

/** The refusal of the last call of this part of the screen. */
export const CallerRefusal = ({ caller }: { readonly caller: Caller }) =>
  caller.refusal === null ? null : <RefusalNotice refusal={caller.refusal} onClose={caller.clear} />;
