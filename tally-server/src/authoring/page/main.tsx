import { Root } from '@sandoq/kit';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Desk } from './desk.tsx';
import './author.css';

const place = document.getElementById('root');
if (place === null) throw new Error('the page has no root element');
createRoot(place).render(
  <StrictMode>
    <Root locale="fa" theme="light" size={1} mode="official">
      <Desk />
    </Root>
  </StrictMode>,
);
