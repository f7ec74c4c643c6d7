import { Notice, Panel, Root } from '@sandoq/kit';
import { Component, type ReactNode } from 'react';
import { useStationTexts } from './station.ts';

/** Long enough to be read, and not to spin where the first view breaks the page again. */
export const REOPEN_AFTER_MS = 8_000;

function Broken() {
  const t = useStationTexts();
  return (
    <main className="st-waiting">
      <h1>{t('broken.title')}</h1>
      <Panel>
        <Notice kind="warning" title={t('broken.what')} next={t('broken.do')} isAnnounced />
      </Panel>
    </main>
  );
}

/**
 * A page that cannot be drawn says so and opens itself again: all that it showed lies with the cores. What broke is not
 * told to anyone here: an error may hold what a voter chose.
 */
export class BrokenScreen extends Component<
  { readonly locale: 'fa' | 'en'; readonly reopen: () => void; readonly children: ReactNode },
  { readonly isBroken: boolean }
> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true };
  }

  override componentDidCatch(): void {
    setTimeout(this.props.reopen, REOPEN_AFTER_MS);
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Root locale={this.props.locale} theme="light" size={2} mode="rehearsal">
        <Broken />
      </Root>
    );
  }
}
