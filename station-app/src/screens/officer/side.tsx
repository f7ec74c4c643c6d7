import {
  Icon,
  Ledger,
  type LedgerLine,
  ledgerDifference,
  Notice,
  Panel,
  StatTile,
  type Status,
  StatusPill,
  TileRow,
  useRoot,
} from '@sandoq/kit';
import { formatClock, formatInteger, IRAN_UTC_OFFSET_MINUTES, toSolarHijri } from '@sandoq/protocol/persian';
import type { AdmissionView } from '../../contract/admission.ts';
import type { DeviceState } from '../../contract/contract.ts';
import type { OfficerView } from '../../contract/voting.ts';
import { useCodes, useStationTexts } from '../station.ts';
import type { StationState } from '../station-link.ts';
import { outstandingCards, papersOnTheirWay } from './day.ts';

const DEVICE_STATUS: Readonly<Record<DeviceState['state'], Status>> = {
  connected: 'good',
  connecting: 'busy',
  lost: 'fault',
  fault: 'fault',
  not_configured: 'off',
};

export const VOTER_STATUS: Readonly<Record<OfficerView['voter'], Status>> = {
  none: 'off',
  card_laid: 'info',
  choosing: 'info',
  printing: 'busy',
  in_window: 'info',
  done: 'good',
  officer_needed: 'fault',
};

/** Every device of both cores once, in plain words. */
export function Devices({
  voting,
  admission,
  state,
}: {
  readonly voting: OfficerView;
  readonly admission: AdmissionView | null;
  readonly state: StationState;
}) {
  const t = useStationTexts();
  const codes = useCodes();
  const devices = new Map<string, DeviceState>();
  for (const device of [...voting.devices, ...(admission?.devices ?? [])]) {
    const known = devices.get(device.id);
    // Both cores may know the line to the province; the worse news counts.
    const isNews = device.state !== 'not_configured' && known?.state === 'connected';
    if (known === undefined || known.state === 'not_configured' || isNews) devices.set(device.id, device);
  }
  const cores = Object.entries(state.cores).filter(([, each]) => each === 'lost');
  return (
    <Panel title={t('devices.title')}>
      <ul className="st-devices">
        {cores.map(([core]) => (
          <li key={core}>
            <span>{t(core === 'voting' ? 'core.voting' : 'core.admission')}</span>
            <StatusPill status="fault">{t('core.lost')}</StatusPill>
          </li>
        ))}
        {[...devices.values()].map((device) => (
          <li key={device.id}>
            <span>
              {t(`device.${device.id}`)}
              {device.code === null || device.state === 'connected' ? null : (
                <span className="st-quiet"> {codes.happened(device.code)}</span>
              )}
            </span>
            <StatusPill
              status={
                device.id === 'province' && device.state === 'lost' ? 'warning' : DEVICE_STATUS[device.state]
              }
            >
              {t(`device.state.${device.state}`)}
            </StatusPill>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

interface Equation {
  readonly title: string;
  readonly whole: LedgerLine;
  readonly parts: readonly LedgerLine[];
}

/** The equations of the running day. Cards with voters are what is left over: a negative rest breaks the ledger. */
function useEquations(voting: OfficerView, admission: AdmissionView | null): readonly Equation[] {
  const t = useStationTexts();
  const counters = voting.counters;
  if (counters === null) return [];
  const onTheirWay = papersOnTheirWay(voting);
  const papers: Equation = {
    title: t('ledger.papers'),
    whole: { label: t('ledger.printed'), value: counters.papers_printed },
    parts: [
      { label: t('ledger.in_bin'), value: counters.papers_in_bin },
      { label: t('ledger.rejected'), value: counters.papers_rejected },
      { label: t('ledger.retained'), value: counters.papers_retained },
      ...(onTheirWay === 0 ? [] : [{ label: t('ledger.in_window'), value: onTheirWay }]),
    ],
  };
  if (admission === null) return [papers];
  const { ledger } = admission;
  const tarefe: Equation = {
    title: t('ledger.tarefe'),
    whole: { label: t('ledger.issued'), value: ledger.issued },
    parts: [
      { label: t('ledger.cast'), value: counters.cards_spent },
      { label: t('ledger.outstanding'), value: Math.max(0, outstandingCards(admission, voting)) },
      { label: t('ledger.returned'), value: ledger.returned },
      { label: t('ledger.spoiled'), value: ledger.spoiled },
      { label: t('ledger.abandoned'), value: ledger.abandoned },
    ],
  };
  return [tarefe, papers];
}

/** The ledgers one under the other, beside other work. */
export function Ledgers({
  voting,
  admission,
}: {
  readonly voting: OfficerView;
  readonly admission: AdmissionView | null;
}) {
  const t = useStationTexts();
  const equations = useEquations(voting, admission);
  if (equations.length === 0) return null;
  return (
    <Panel title={t('ledgers.title')}>
      {equations.map((equation) => (
        <Ledger key={equation.title} {...equation} />
      ))}
    </Panel>
  );
}

/** The ledgers in one line each: in sight whatever else is done. */
export function LedgerStrips({
  voting,
  admission,
}: {
  readonly voting: OfficerView;
  readonly admission: AdmissionView | null;
}) {
  const t = useStationTexts();
  const { locale } = useRoot();
  const equations = useEquations(voting, admission);
  return (
    <section className="st-strips" aria-label={t('ledgers.title')}>
      {equations.map((equation) => {
        const holds = ledgerDifference(equation) === 0;
        return (
          <div key={equation.title} className="st-strip" data-holds={holds}>
            <h2>{equation.title}</h2>
            <dl>
              {[equation.whole, ...equation.parts].map(({ label, value }, index) => (
                <div key={label} data-sign={index === 0 ? undefined : index === 1 ? '=' : '+'}>
                  <dt>{label}</dt>
                  <dd>{formatInteger(value, locale)}</dd>
                </div>
              ))}
            </dl>
            {holds ? (
              <span className="st-holds">
                <Icon name="success" />
                <span className="kit-hidden">{t('ledger.holds')}</span>
              </span>
            ) : (
              <StatusPill status="fault">{t('ledger.broken')}</StatusPill>
            )}
          </div>
        );
      })}
    </section>
  );
}

/** What the voting side may ask of officers while the desk has its own next step. */
const OFFICERS_AT_BOX = new Set([
  'call_waiting_voter',
  'take_refused_card',
  'wait_for_box',
  'connect_box',
  'replace_box',
  'call_technician',
]);

/** Where the voter at the box is, and nothing about how she votes. */
export function AtTheBox({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const codes = useCodes();
  return (
    <Panel title={t('box.title')}>
      <p className="st-at-box">
        <StatusPill status={VOTER_STATUS[voting.voter]}>{t(`voter.at.${voting.voter}`)}</StatusPill>
      </p>
      <p>{t(`voter.at.${voting.voter}.lead`)}</p>
      {voting.next.who === 'both' && OFFICERS_AT_BOX.has(voting.next.code) ? (
        <Notice
          kind="warning"
          title={codes.find(`next.${voting.next.code}`) ?? t('stage.voting.next')}
          isAnnounced
        />
      ) : null}
    </Panel>
  );
}

/** Admissions, rate and queue of the day in numbers. */
export function Numbers({
  voting,
  admission,
}: {
  readonly voting: OfficerView;
  readonly admission: AdmissionView;
}) {
  const t = useStationTexts();
  const { locale } = useRoot();
  const { ledger } = admission;
  const closes =
    voting.closes_at === null
      ? null
      : formatClock(toSolarHijri(voting.closes_at * 1000, IRAN_UTC_OFFSET_MINUTES), locale);
  return (
    <TileRow>
      <StatTile
        label={t('tile.admitted')}
        value={ledger.admitted}
        detail={t('tile.admitted.detail', { local: ledger.local, visiting: ledger.visiting })}
      />
      <StatTile label={t('tile.rate')} value={admission.rate_per_hour} unit={t('tile.rate.unit')} />
      <StatTile
        label={t('tile.outstanding')}
        value={Math.max(0, outstandingCards(admission, voting))}
        detail={t('tile.outstanding.detail')}
      />
      <StatTile
        label={t('tile.special')}
        value={ledger.code_only + ledger.helped + ledger.offline}
        detail={t('tile.special.detail', {
          codeOnly: ledger.code_only,
          helped: ledger.helped,
          offline: ledger.offline,
        })}
      />
      {closes === null ? null : <StatTile label={t('tile.closes')} value={closes} />}
    </TileRow>
  );
}
