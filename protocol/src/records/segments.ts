/** Each session's evidence twice over: the box's segment and the station's, which must agree with the commitment. */
import { equalBytes } from '../codec/bytes.ts';
import type { Commitment, Segment, SegmentKind, Session, Slip } from './generated.ts';
import type { RuleBreak } from './station-rules.ts';

export const SEGMENT_BREAKS = [
  'segment_disputed',
  'segment_of_other_session',
  'segment_of_other',
  'segment_repeated',
  'segment_records',
  'segment_set_root',
  'segment_missing',
] as const;

export interface SegmentBreak extends RuleBreak {
  readonly code: (typeof SEGMENT_BREAKS)[number];
}

type Recorder = SegmentKind & Segment & { readonly kind: 'box' | 'replacement' | 'station' };

/** What does not agree between segments, sessions and commitments; empty where all does. */
export function segmentBreaks(
  slip: Slip,
  sessions: readonly Session[],
  commitments: readonly Commitment[],
): readonly SegmentBreak[] {
  const breaks: SegmentBreak[] = [];
  const seen = new Set<string>();
  const recorders: { readonly segment: Recorder; readonly at: string }[] = [];
  slip.segments.forEach((segment, i) => {
    const at = `segments[${i}]`;
    if (segment.disputed)
      breaks.push({ code: 'segment_disputed', at, wanted: 'a slip that says it is disputed' });
    if (segment.kind !== 'paper') recorders.push({ segment: segment as Recorder, at });
  });
  for (const { segment, at } of recorders) {
    const session = sessions.find((one) => equalBytes(one.sessionId, segment.sessionId));
    if (session === undefined) {
      breaks.push({ code: 'segment_of_other_session', at, wanted: 'a session of the slip' });
      continue;
    }
    const side = segment.kind === 'station' ? 'station' : 'box';
    const subject = side === 'station' ? session.votingSubject : session.boxSubject;
    if (segment.subject !== subject) breaks.push({ code: 'segment_of_other', at, wanted: subject });
    const key = `${side} ${sessions.indexOf(session)}`;
    if (seen.has(key)) breaks.push({ code: 'segment_repeated', at, wanted: `one ${side} segment a session` });
    seen.add(key);
    const commitment = commitments.find((one) => equalBytes(one.sessionId, segment.sessionId));
    if (commitment === undefined) continue;
    if (segment.records !== commitment.records)
      breaks.push({ code: 'segment_records', at, wanted: `the committed ${commitment.records} records` });
    if (!equalBytes(segment.setRoot, commitment.setRoot))
      breaks.push({ code: 'segment_set_root', at, wanted: 'the set root that the box committed to' });
  }
  sessions.forEach((_, i) => {
    for (const side of ['box', 'station'])
      if (!seen.has(`${side} ${i}`))
        breaks.push({ code: 'segment_missing', at: 'segments', wanted: `a ${side} segment of session ${i}` });
  });
  return breaks;
}
