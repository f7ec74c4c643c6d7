/** The other terminals of the station: who is there, on how many devices an admission is kept, and what to do if one is lost. */
import { Button, Notice, Panel, type Status, StatusPill } from '@sandoq/kit';
import type { AdmissionView } from '../../contract/admission.ts';
import { useCaller, useStationTexts } from '../station.ts';
import { CallerRefusal } from './refusal.tsx';

type View = NonNullable<AdmissionView['terminals']>;

const STATUS = { connected: 'good', lost: 'fault', gone: 'off' } as const satisfies Record<
  View['others'][number]['state'],
  Status
>;

function Standing({ view, stops }: { readonly view: View; readonly stops: boolean }) {
  const t = useStationTexts();
  if (view.state === 'missing')
    return (
      <Notice
        kind="fault"
        title={t('terminals.missing')}
        next={t(stops ? 'terminals.missing.stop' : 'terminals.missing.do')}
        isAnnounced
      />
    );
  if (view.is_apart)
    return <Notice kind="warning" title={t('terminals.apart')} next={t('terminals.apart.do')} />;
  if (view.state === 'one_device')
    return <Notice kind="warning" title={t('terminals.one_device')} next={t('terminals.one_device.do')} />;
  return <p>{t('terminals.two_devices', { terminal: view.here, devices: view.devices })}</p>;
}

/** Above the desk: which it is, on how many devices an admission is kept, and what to do where it is not two. */
export function TerminalsStanding({ admission }: { readonly admission: AdmissionView }) {
  const t = useStationTexts();
  const caller = useCaller();
  const { terminals: view, claims, phase } = admission;
  if (view === undefined) return null;
  // With the doors closed nobody new comes in, and what is left must be ended whatever the rule.
  const stops = claims?.policy === 'refuse' && phase === 'open';
  const canGoOn = view.left !== null || (view.state === 'missing' && !stops) || isWanted(view, phase);
  return (
    <div className="st-stack">
      <CallerRefusal caller={caller} />
      <Standing view={view} stops={stops} />
      {view.left === null ? null : (
        <Notice
          kind="warning"
          title={t('terminals.left', { terminal: view.left })}
          next={t('terminals.left.do')}
        />
      )}
      {canGoOn ? (
        <Button isBusy={caller.isBusy} onPress={() => void caller.run('terminals.go_on', {})}>
          {t('terminals.go_on')}
        </Button>
      ) : null}
    </div>
  );
}

/** Who keeps this station's journal. */
export function Terminals({ admission }: { readonly admission: AdmissionView }) {
  const t = useStationTexts();
  const { terminals: view } = admission;
  if (view === undefined) return null;
  return (
    <Panel title={t('terminals.title')}>
      <ul className="st-devices">
        <li>
          <span>{t('terminals.mine', { terminal: view.here })}</span>
          <StatusPill status="good">{t('terminals.state.connected')}</StatusPill>
        </li>
        {view.others.map(({ terminal, state }) => (
          <li key={terminal}>
            <span>{t('terminals.other', { terminal })}</span>
            <StatusPill status={STATUS[state]}>{t(`terminals.state.${state}`)}</StatusPill>
          </li>
        ))}
        {view.disk === null ? null : (
          <li>
            <span>{t('terminals.disk')}</span>
            <StatusPill status={view.disk === 'ok' ? 'good' : 'fault'}>
              {t(`terminals.disk.${view.disk}`)}
            </StatusPill>
          </li>
        )}
      </ul>
    </Panel>
  );
}

/** At the end of the day a terminal that is not reachable must be set aside before the sums are signed. */
const isWanted = (view: View, phase: AdmissionView['phase']): boolean =>
  phase === 'doors_closed' && view.others.some(({ state }) => state === 'lost');
