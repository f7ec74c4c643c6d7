import { Button, Notice } from '@sandoq/kit';
import { useEffect, useRef } from 'react';
import { type Caller, type CodeContext, useCodes, useStationTexts } from '../station.ts';

/** A person who may not vote is no fault of the station's: that is said in a calmer voice. One sentence what happened, one what to do. A detail is the core's own word on which field was wrong. */
export function RefusalNotice({
  refusal,
  about,
  onClose,
}: {
  readonly refusal: { readonly code: string; readonly detail?: string | null | undefined };
  readonly about?: CodeContext;
  readonly onClose?: () => void;
}) {
  const t = useStationTexts();
  const codes = useCodes();
  const place = useRef<HTMLDivElement>(null);
  // Whoever has just pressed a key further down must see why nothing came of it.
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div ref={place} className="st-refusal">
      <Notice
        kind={about === 'person' ? 'warning' : 'fault'}
        title={codes.happened(refusal.code, about)}
        next={codes.todo(refusal.code, about)}
        isAnnounced
        {...(onClose === undefined
          ? {}
          : { actions: <Button onPress={onClose}>{t('button.understood')}</Button> })}
      >
        <Detail code={refusal.code} detail={refusal.detail ?? ''} about={about} />
      </Notice>
    </div>
  );
}

/** The core's own word on what was wrong: in a sentence where it names a role or what is left of a PIN's tries. */
function Detail(props: {
  readonly code: string;
  readonly detail: string;
  readonly about: CodeContext | undefined;
}) {
  const { code, detail, about } = props;
  const t = useStationTexts();
  const codes = useCodes();
  const role = codes.find(`role.${detail}`);
  if (detail === '') return null;
  if (role !== undefined) return <p>{t('refusal.role', { role })}</p>;
  if (code === 'wrong_pin' || code === 'wrong_finger')
    return <p>{t('refusal.tries', { tries: Number(detail) })}</p>;
  if (code === 'at_other_terminal') return <p>{t('terminals.other', { terminal: Number(detail) })}</p>;
  // Nothing of a person is support's.
  if (about === 'person') return null;
  return <p className="st-detail">{t('refusal.detail', { detail: { verbatim: detail } })}</p>;
}

/** The refusal of the last call of this part of the screen. */
export const CallerRefusal = ({ caller }: { readonly caller: Caller }) =>
  caller.refusal === null ? null : <RefusalNotice refusal={caller.refusal} onClose={caller.clear} />;
