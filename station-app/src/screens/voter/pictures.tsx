/** Drawings of what the hands do. They repeat what the words beside them say. */
import type { ReactNode } from 'react';

const Box = () => (
  <g>
    <path className="st-draw-body" d="M40 120h240v110H40Z" />
    <path className="st-draw-line" d="M40 120 62 92h196l22 28" />
    <path className="st-draw-slot" d="M104 104h112" />
    <path className="st-draw-window" d="M64 142h92v64H64Z" />
    <path className="st-draw-line" d="M186 142h70v64h-70ZM186 163h70M186 185h70M209 142v64M233 142v64" />
  </g>
);

const Drawing = ({ children }: { readonly children: ReactNode }) => (
  <svg className="st-drawing" viewBox="0 0 320 250" aria-hidden="true" focusable="false">
    {children}
  </svg>
);

export const LayCard = () => (
  <Drawing>
    <Box />
    <g className="st-draw-card">
      <rect x="106" y="14" width="108" height="66" rx="8" />
      <path d="M120 34h26v18h-26ZM158 36h42M158 50h30" />
    </g>
    <path className="st-draw-arrow" d="M160 84v26M148 98l12 13 12-13" />
  </Drawing>
);

export const TakeCard = () => (
  <Drawing>
    <Box />
    <g className="st-draw-card">
      <rect x="106" y="26" width="108" height="66" rx="8" />
      <path d="M120 46h26v18h-26ZM158 48h42M158 62h30" />
    </g>
    <path className="st-draw-arrow" d="M248 86V22M234 38l14-17 14 17" />
  </Drawing>
);

export const PaperInWindow = () => (
  <Drawing>
    <Box />
    <g className="st-draw-paper">
      <path d="M72 146h76v56H72Z" />
      <path d="M82 160h56M82 174h56M82 188h34" />
    </g>
    <path className="st-draw-arrow" d="M28 60 92 132M92 112v21H72" />
  </Drawing>
);

export const PaperFallen = () => (
  <Drawing>
    <Box />
    <path className="st-draw-tick" d="M124 60 150 86 204 26" />
  </Drawing>
);

export const CallOfficer = () => (
  <Drawing>
    <g className="st-draw-card">
      <circle cx="160" cy="74" r="40" />
      <path d="M76 222c8-56 42-84 84-84s76 28 84 84Z" />
    </g>
  </Drawing>
);
