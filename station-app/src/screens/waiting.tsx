import { Notice, Panel, Progress } from '@sandoq/kit';
import { useStationTexts } from './station.ts';
import type { StationState } from './station-link.ts';

/** Before the first view, and while whoever gives it is gone: says so, and goes away by itself. */
export function Waiting({ state }: { readonly state: StationState }) {
  const t = useStationTexts();
  const isLost = state.link === 'lost' || Object.values(state.cores).includes('lost');
  return (
    <main className="st-waiting">
      <h1>{isLost ? t('waiting.lost') : t('waiting.title')}</h1>
      <Panel>
        <Progress label={t('waiting.progress')} />
        {isLost ? (
          <Notice kind="warning" title={t('waiting.lost.what')} next={t('waiting.lost.do')} isAnnounced />
        ) : (
          <p>{t('waiting.lead')}</p>
        )}
      </Panel>
    </main>
  );
}
