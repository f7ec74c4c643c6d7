import { type DisplaySettings, Root } from '@sandoq/kit';
import { useState, useSyncExternalStore } from 'react';
import type { OfficerView, VoterView } from '../contract/voting.ts';
import { BrokenScreen } from './broken.tsx';
import { OfficerApp } from './officer/officer-app.tsx';
import { LinkContext } from './station.ts';
import type { StationLink, StationState } from './station-link.ts';
import { VoterApp } from './voter/voter-app.tsx';
import { Waiting } from './waiting.tsx';

const isVoterView = (view: StationState['voting']): view is VoterView => view?.view === 'voting_voter';
const isOfficerView = (view: StationState['voting']): view is OfficerView => view?.view === 'voting_officer';

/** Officers sit close to their panel; the voter's screen starts at the size that the guidelines ask for. */
const officerStart = (locale: 'fa' | 'en'): DisplaySettings => ({ locale, size: 1, theme: 'light' });

function Officers({ state }: { readonly state: StationState }) {
  const [settings, setSettings] = useState(() => officerStart(state.locale));
  const view = isOfficerView(state.voting) ? state.voting : null;
  // Until the station says otherwise it is not a real election.
  const mode = view?.mode === 'official' ? 'official' : 'rehearsal';
  return (
    <Root {...settings} mode={mode} {...(state.px_per_mm === null ? {} : { pxPerMm: state.px_per_mm })}>
      {view === null || (state.admission === null && state.role !== 'inspector') ? (
        <Waiting state={state} />
      ) : (
        <OfficerApp
          state={state}
          voting={view}
          admission={state.admission}
          settings={settings}
          onSettings={setSettings}
        />
      )}
    </Root>
  );
}

const reopen = (): void => location.reload();

export function App({ link }: { readonly link: StationLink }) {
  const state = useSyncExternalStore(link.subscribe, link.getState);
  return (
    <LinkContext value={link}>
      <BrokenScreen locale={state.locale} reopen={reopen}>
        {state.role === null ? (
          <Root locale="fa" theme="light" size={2} mode="rehearsal">
            <Waiting state={state} />
          </Root>
        ) : state.role === 'voter' ? (
          <VoterApp state={state} view={isVoterView(state.voting) ? state.voting : null} />
        ) : (
          <Officers state={state} />
        )}
      </BrokenScreen>
    </LinkContext>
  );
}
