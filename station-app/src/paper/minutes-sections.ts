/** Sections that only the minutes have: where it was, what happened, what was reported. */
import type { Section } from './content.ts';
import type { Block } from './layout.ts';
import type { PaperSource } from './source.ts';

const place: Section = (say, { station }) => [
  { kind: 'heading', text: say.text('paper.place') },
  {
    kind: 'fields',
    rows: [
      { label: say.text('paper.station_kind'), value: say.text(`paper.station_kind.${station.kind}`) },
      { label: say.text('paper.province'), value: station.place.province },
      { label: say.text('paper.county'), value: station.place.county },
      { label: say.text('paper.district'), value: station.place.district },
      { label: say.text('paper.constituency'), value: station.place.constituency },
    ],
  },
];

function minutesOf({ minutes }: PaperSource) {
  if (minutes === undefined) throw new Error('minutes before the signing has begun');
  return minutes.value;
}

const recount: Section = (say, source) => [
  { kind: 'heading', text: say.text('paper.recount') },
  { kind: 'paragraph', text: say.text(`paper.recount.${minutesOf(source).recount}`) },
];

const incidents: Section = (say, source) => {
  const { incidents: happened } = minutesOf(source);
  return [
    { kind: 'heading', text: say.text('paper.incidents') },
    happened.length === 0
      ? { kind: 'paragraph', text: say.text('paper.incidents.none') }
      : {
          kind: 'fields',
          rows: happened.map(({ event, count }) => ({
            label: say.text(`paper.incident.${event}`),
            value: say.text('paper.times_count', { count }),
          })),
        },
  ];
};

const reports: Section = (say, source) => {
  const { reports: filed } = minutesOf(source);
  return [
    { kind: 'heading', text: say.text('paper.reports') },
    ...(filed.length === 0 ? [{ kind: 'paragraph' as const, text: say.text('paper.reports.none') }] : []),
    ...filed.flatMap(({ role, text }): Block[] => [
      {
        kind: 'paragraph',
        text: say.text('paper.report_of', { role: say.text(`role.${role}`) }),
        tone: 'strong',
      },
      { kind: 'paragraph', text },
    ]),
  ];
};

export const MINUTES_SECTIONS = { place, recount, incidents, reports } as const;
