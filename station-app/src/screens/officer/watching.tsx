/** The observers' window: everything of the voting side in sight, and a report the only thing to do. */
import { Columns, Notice, Panel, StatTile, TileRow } from '@sandoq/kit';
import type { OfficerView } from '../../contract/voting.ts';
import { useStationTexts } from '../station.ts';
import type { StationState } from '../station-link.ts';
import { Deeds, Reports } from './day-book.tsx';
import { ReportForm } from './report.tsx';
import { Checklist } from './set-up.tsx';
import { AtTheBox, Devices, Ledgers } from './side.tsx';

/** Afterwards a box that is not empty is as it should be. */
const BEFORE_VOTING: readonly OfficerView['phase'][] = ['no_package', 'set_up', 'loaded', 'opening'];
/** Who may write a report at the observers' own window. */
export const WATCHERS = ['inspector', 'candidate_representative'] as const;

export function ZeroReport({ voting, canTick }: { readonly voting: OfficerView; readonly canTick: boolean }) {
  const t = useStationTexts();
  if (voting.zero_report === null) return null;
  return (
    <Panel title={t('zero.title')}>
      <TileRow>
        <StatTile label={t('zero.records')} value={voting.zero_report.records} status="good" />
        <StatTile label={t('zero.papers')} value={voting.zero_report.papers_printed} status="good" />
        <StatTile label={t('zero.slots')} value={voting.zero_report.slots} />
      </TileRow>
      <p>{t('zero.lead')}</p>
      <Deeds voting={voting} part="opening" only={['zero_report_signed']} canTick={canTick} />
    </Panel>
  );
}

export function Watching({ state, voting }: { readonly state: StationState; readonly voting: OfficerView }) {
  const t = useStationTexts();
  return (
    <Columns shape="wide">
      <div className="st-stack">
        <Notice kind="info" title={t('watch.title')}>
          {t('watch.lead')}
        </Notice>
        <ReportForm voting={voting} reporters={WATCHERS} />
        <Reports voting={voting} />
        <ZeroReport voting={voting} canTick={false} />
      </div>
      <div className="st-stack">
        <AtTheBox voting={voting} />
        <Devices voting={voting} admission={null} state={state} />
        <Ledgers voting={voting} admission={null} />
        {BEFORE_VOTING.includes(voting.phase) ? <Checklist voting={voting} /> : null}
      </div>
    </Columns>
  );
}
