import {
  Button,
  DataTable,
  Ledger,
  Notice,
  Panel,
  SegmentedChoice,
  type Status,
  StatusPill,
  TabSet,
  useRoot,
} from '@sandoq/kit';
import { useEffect, useState } from 'react';
import type { BallotView, OfficerView } from '../../contract/voting.ts';
import { type Caller, useCaller, useCodes, useLink, useStationTexts } from '../station.ts';
import { type PinParty, TwoPins } from './pins.tsx';
import { CallerRefusal } from './refusal.tsx';
import { WorkProgress } from './set-up.tsx';

type Slip = NonNullable<OfficerView['slip']>;

/** The ballot as loaded: names for the slip's numbers. @param version read again where it is another */
export function useBallot(version = 0): BallotView | null {
  const link = useLink();
  const [ballot, setBallot] = useState<BallotView | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an amendment changes what is read
  useEffect(() => {
    let isWanted = true;
    link.call('ballot.read', {}).then(
      (read) => isWanted && setBallot(read),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [link, version]);
  return ballot;
}

const slotLabels = (
  voting: OfficerView,
  fallback: (slot: 'first' | 'second') => string,
  role: (role: string) => string,
) =>
  (['first', 'second'] as const).map((slot) => {
    const card = voting.role_cards.find((each) => each.slot === slot);
    return {
      id: slot,
      label: card?.role == null ? fallback(slot) : role(card.role),
      hasCard: card?.present === true,
    };
  }) as [PinParty<'first'>, PinParty<'second'>];

/** Counting: the admission side's signed sums pass through here, and both cards give up their keys. */
export function Count({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const codes = useCodes();
  const caller = useCaller();
  const count = async (pins: Readonly<Record<'first' | 'second', string>>): Promise<void> => {
    const summary = await caller.run('admission.summary', {});
    if (summary === undefined) return;
    await caller.run('count.run', {
      admission_summary: summary.record,
      pins: [
        { slot: 'first', pin: pins.first },
        { slot: 'second', pin: pins.second },
      ],
    });
  };
  if (voting.phase === 'counting' || voting.progress !== null) {
    return (
      <Panel title={t('count.running')}>
        <WorkProgress voting={voting} />
        <p>{t('count.running.lead')}</p>
      </Panel>
    );
  }
  return (
    <Panel title={t('count.title')}>
      <p>{t('count.lead')}</p>
      <CallerRefusal caller={caller} />
      <TwoPins
        parties={slotLabels(voting, (slot) => t(`slot.${slot}`), codes.role)}
        submitLabel={t('count.run')}
        isBusy={caller.isBusy}
        onComplete={(pins) => void count(pins)}
      />
    </Panel>
  );
}

const RECOUNT_STATUS: Readonly<Record<OfficerView['recount'], Status>> = {
  not_done: 'off',
  running: 'busy',
  agreed: 'good',
  disagreed: 'fault',
};

export function Recount({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const codes = useCodes();
  const caller = useCaller();
  const [source, setSource] = useState<'station' | 'box'>('box');
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel title={t('recount.title')}>
      <StatusPill status={RECOUNT_STATUS[voting.recount]}>{t(`recount.${voting.recount}`)}</StatusPill>
      <p>{t(`recount.${voting.recount}.lead`)}</p>
      <CallerRefusal caller={caller} />
      {voting.recount === 'running' ? <WorkProgress voting={voting} /> : null}
      {isOpen ? (
        <>
          <SegmentedChoice
            label={t('recount.source')}
            value={source}
            onChange={setSource}
            options={[
              { id: 'box', label: t('recount.source.box') },
              { id: 'station', label: t('recount.source.station') },
            ]}
          />
          <TwoPins
            parties={slotLabels(voting, (slot) => t(`slot.${slot}`), codes.role)}
            submitLabel={t('recount.run')}
            isBusy={caller.isBusy}
            onComplete={(pins) =>
              void caller
                .run('recount.run', {
                  source,
                  pins: [
                    { slot: 'first', pin: pins.first },
                    { slot: 'second', pin: pins.second },
                  ],
                })
                .then((done) => done !== undefined && setOpen(false))
            }
          />
        </>
      ) : (
        <Button isDisabled={voting.recount === 'running'} onPress={() => setOpen(true)}>
          {t('recount.open')}
        </Button>
      )}
    </Panel>
  );
}

/** Candidates of one contest by votes, ties in the order of their codes. */
function ContestTotals({
  total,
  ballot,
}: {
  readonly total: Slip['totals'][number];
  readonly ballot: BallotView | null;
}) {
  const t = useStationTexts();
  const { locale } = useRoot();
  const contest = ballot?.contests[total.contest];
  const rows = total.candidates
    .map((votes, index) => {
      const candidate = contest?.candidates[index];
      return {
        id: String(index),
        code: candidate?.code ?? String(index + 1),
        name: candidate?.name[locale] ?? '',
        votes,
      };
    })
    .sort((a, b) => b.votes - a.votes || a.code.localeCompare(b.code));
  return (
    <div className="st-stack">
      <div className="st-ledgers">
        <Ledger
          title={t('totals.records')}
          whole={{ label: t('totals.records.whole'), value: total.records }}
          parts={[
            { label: t('totals.valid'), value: total.valid },
            { label: t('totals.blank'), value: total.blank },
            { label: t('totals.invalid'), value: total.invalid },
          ]}
        />
        {contest === undefined ? null : (
          <Ledger
            title={t('totals.marks_of', { seats: contest.choices_max })}
            whole={{
              label: t('totals.marks.whole', { seats: contest.choices_max }),
              value: total.valid * contest.choices_max,
            }}
            parts={[
              { label: t('totals.marks'), value: total.marks },
              { label: t('totals.undervotes'), value: total.undervotes },
            ]}
          />
        )}
      </div>
      <DataTable
        caption={t('totals.caption', { contest: contest?.title[locale] ?? String(total.contest + 1) })}
        isCaptionHidden
        columns={[
          { id: 'name', title: t('totals.candidate') },
          { id: 'code', title: t('totals.code'), isNumeric: true },
          { id: 'votes', title: t('totals.votes'), isNumeric: true },
        ]}
        rows={rows.map(({ id, name, code, votes }) => ({
          id,
          cells: { name, code: <Code value={code} />, votes },
        }))}
      />
    </div>
  );
}

const Code = ({ value }: { readonly value: string }) => {
  const t = useStationTexts();
  return <>{t('totals.code.value', { code: value })}</>;
};

function SlipLedgers({ slip }: { readonly slip: Slip }) {
  const t = useStationTexts();
  return (
    <div className="st-ledgers">
      <Ledger
        title={t('ledger.tarefe')}
        whole={{ label: t('ledger.issued'), value: slip.tarefe.issued }}
        parts={[
          { label: t('ledger.cast'), value: slip.tarefe.cast },
          { label: t('ledger.returned'), value: slip.tarefe.returned },
          { label: t('ledger.spoiled'), value: slip.tarefe.spoiled },
          { label: t('ledger.abandoned'), value: slip.tarefe.abandoned },
          { label: t('ledger.outstanding'), value: slip.tarefe.outstanding },
        ]}
      />
      <Ledger
        title={t('ledger.papers')}
        whole={{ label: t('ledger.printed'), value: slip.papers.printed }}
        parts={[
          { label: t('ledger.in_bin'), value: slip.papers.in_bin },
          { label: t('ledger.rejected'), value: slip.papers.rejected },
          { label: t('ledger.retained'), value: slip.papers.retained },
        ]}
      />
      <DataTable
        caption={t('ledger.slots')}
        columns={[
          { id: 'where', title: t('ledger.slots.where') },
          { id: 'records', title: t('ledger.slots.records'), isNumeric: true },
        ]}
        rows={[
          { id: 'box', cells: { where: t('ledger.slots.box'), records: slip.slots.box } },
          { id: 'station', cells: { where: t('ledger.slots.station'), records: slip.slots.station } },
          {
            id: 'tallied',
            cells: { where: t('ledger.slots.tallied'), records: slip.slots.tallied },
            isTotal: true,
          },
        ]}
      />
    </div>
  );
}

export function SlipView({ slip, ballot }: { readonly slip: Slip; readonly ballot: BallotView | null }) {
  const t = useStationTexts();
  const codes = useCodes();
  const { locale } = useRoot();
  const [selected, setSelected] = useState('0');
  return (
    <Panel title={t('slip.title')}>
      {slip.disputed || slip.faults.length > 0 ? (
        <Notice kind="fault" title={t('slip.disputed')} next={t('slip.disputed.do')}>
          <ul className="st-plain">
            {slip.faults.map((fault) => (
              <li key={fault}>{codes.find(`ledger_fault.${fault}`) ?? codes.happened(fault)}</li>
            ))}
          </ul>
        </Notice>
      ) : (
        <Notice kind="success" title={t('slip.holds')} />
      )}
      <TabSet
        label={t('slip.contests')}
        selected={selected}
        onChange={setSelected}
        items={[
          ...slip.totals.map((total) => ({
            id: String(total.contest),
            title:
              ballot?.contests[total.contest]?.title[locale] ??
              t('slip.contest', { number: total.contest + 1 }),
            content: <ContestTotals total={total} ballot={ballot} />,
          })),
          { id: 'ledgers', title: t('ledgers.title'), content: <SlipLedgers slip={slip} /> },
        ]}
      />
      <p className="st-digest">
        {t('slip.digest')} <bdi dir="ltr">{slip.digest.slice(0, 16)}</bdi>
      </p>
    </Panel>
  );
}

export function Approvals({ slip }: { readonly slip: Slip }) {
  const t = useStationTexts();
  const codes = useCodes();
  return (
    <Panel title={t('slip.approvals')}>
      {slip.approvals.length === 0 ? <p>{t('slip.approvals.none')}</p> : null}
      <ul className="st-devices">
        {slip.approvals.map(({ role, refused, remark }) => (
          <li key={role}>
            <span>
              {codes.role(role)}
              {remark === null ? null : <span className="st-remark">{t('slip.remark', { remark })}</span>}
            </span>
            <StatusPill status={refused ? 'fault' : 'good'}>
              {t(refused ? 'slip.refused' : 'slip.approved')}
            </StatusPill>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const OUTBOX_STATUS: Readonly<Record<OfficerView['outbox']['state'], Status>> = {
  empty: 'off',
  waiting: 'warning',
  sending: 'busy',
  received: 'good',
  refused: 'fault',
};

export function Outbox({ voting, caller }: { readonly voting: OfficerView; readonly caller: Caller }) {
  const t = useStationTexts();
  const codes = useCodes();
  const { state, tries, receipt_digest } = voting.outbox;
  // The intake has many names for what is wrong with a bundle; an officer can do the same about each.
  const code = voting.outbox.code;
  const said = code === null || codes.find(`code.${code}`) !== undefined ? code : 'province_refused';
  return (
    <Panel title={t('send.title')}>
      <StatusPill status={OUTBOX_STATUS[state]}>{t(`send.${state}`)}</StatusPill>
      <p>{t(`send.${state}.lead`, { tries })}</p>
      <CallerRefusal caller={caller} />
      {said === null || state === 'received' ? null : (
        <Notice
          kind={state === 'refused' ? 'fault' : 'warning'}
          title={codes.happened(said)}
          next={codes.todo(said)}
        />
      )}
      {receipt_digest === null ? null : (
        <p className="st-digest">
          {t('send.receipt')} <bdi dir="ltr">{receipt_digest.slice(0, 16)}</bdi>
        </p>
      )}
    </Panel>
  );
}
