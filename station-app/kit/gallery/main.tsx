import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { type DisplaySettings, type Mode, Root, TEXT_SIZES, THEMES } from '../src/index.ts';
import { PAGES, type PageName } from './pages.tsx';

/** Everything that the page shows is in its address: ?page=voter&lang=fa&theme=dark&size=3&mode=rehearsal&px=4. */
const query = new URLSearchParams(location.search);
const pageName =
  (Object.keys(PAGES) as PageName[]).find((name) => name === query.get('page')) ?? 'components';
const mode: Mode = query.get('mode') === 'official' ? 'official' : 'rehearsal';
const asked: DisplaySettings = {
  locale: query.get('lang') === 'en' ? 'en' : 'fa',
  theme: THEMES.find((theme) => theme === query.get('theme')) ?? 'light',
  size: TEXT_SIZES.find((size) => String(size) === query.get('size')) ?? 2,
};
const pxPerMm = Number(query.get('px'));

const Gallery = () => {
  const [settings, setSettings] = useState(asked);
  const Page = PAGES[pageName];
  return (
    <Root {...settings} mode={mode} {...(pxPerMm > 0 ? { pxPerMm } : {})}>
      <Page settings={settings} onSettings={setSettings} />
    </Root>
  );
};

const place = document.getElementById('root');
if (place === null) throw new Error('the page has no root element');
createRoot(place).render(
  <StrictMode>
    <Gallery />
  </StrictMode>,
);
