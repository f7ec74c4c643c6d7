import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { PreloadBridge } from '../shells/window-protocol.ts';
import { App } from './app.tsx';
import { createStationLink, preloadCarrier, webSocketCarrier } from './station-link.ts';
import './styles.css';

declare global {
  interface Window {
    readonly sandoq?: PreloadBridge;
  }
}

// Nothing to select, drag or open by a long press: a voting screen is not a document.
for (const name of ['contextmenu', 'dragstart', 'drop']) {
  document.addEventListener(name, (event) => event.preventDefault());
}

const place = document.getElementById('root');
if (place === null) throw new Error('the page has no root element');
const link = createStationLink(
  window.sandoq === undefined
    ? webSocketCarrier(new URL('socket', location.href.replace(/^http/, 'ws')).href)
    : preloadCarrier(window.sandoq),
);
createRoot(place).render(
  <StrictMode>
    <App link={link} />
  </StrictMode>,
);
