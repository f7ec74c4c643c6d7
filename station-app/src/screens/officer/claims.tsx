import { Notice, useRoot } from '@sandoq/kit';
import { formatClock, IRAN_UTC_OFFSET_MINUTES, toSolarHijri } from '@sandoq/protocol/persian';
import type { AdmissionView } from '../../contract/admission.ts';
import { useCodes, useStationTexts } from '../station.ts';

/** Where and when this person was admitted before: what the officer says, and the chief writes down. */
export function Elsewhere({ admission }: { readonly admission: AdmissionView }) {
  const t = useStationTexts();
  const { locale } = useRoot();
  const { elsewhere } = admission;
  if (elsewhere === undefined || admission.refusal?.code !== 'already_admitted_elsewhere') return null;
  const time = formatClock(toSolarHijri(elsewhere.bucket * 1000, IRAN_UTC_OFFSET_MINUTES), locale);
  return <p className="st-large">{t('desk.elsewhere', { station: elsewhere.name[locale], time })}</p>;
}

/** What rests on the rule for a dead line, while anything does; and the board's hints. */
export function Exposure({ admission }: { readonly admission: AdmissionView }) {
  const t = useStationTexts();
  const codes = useCodes();
  const { claims, hints } = admission;
  return (
    <>
      {claims !== undefined && (claims.unconfirmed > 0 || claims.doubled > 0) ? (
        <Notice
          kind={claims.doubled > 0 ? 'warning' : 'info'}
          title={t('claims.unconfirmed', { unconfirmed: claims.unconfirmed })}
          next={t(`claims.policy.${claims.policy}`)}
        >
          {claims.doubled > 0 ? <p>{t('claims.doubled', { doubled: claims.doubled })}</p> : null}
        </Notice>
      ) : null}
      {(hints ?? []).map((hint) => (
        <Notice key={hint} kind="warning" title={codes.happened(hint)} next={codes.todo(hint)} />
      ))}
    </>
  );
}
