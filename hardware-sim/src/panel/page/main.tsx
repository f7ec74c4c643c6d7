import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createPanelLink } from './link.ts';
import './panel.css';

const place = document.getElementById('root');
if (place === null) throw new Error('the page has no root element');
const link = createPanelLink(`ws://${location.host}/socket`);
createRoot(place).render(
  <StrictMode>
    <App link={link} />
  </StrictMode>,
);
