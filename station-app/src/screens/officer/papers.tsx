import { Button, Notice, Panel, useRoot } from '@sandoq/kit';
import { useState } from 'react';
import type { OfficerView, VotingCalls } from '../../contract/voting.ts';
import { useCaller, useStationTexts } from '../station.ts';
import { CallerRefusal } from './refusal.tsx';

type Printable = NonNullable<OfficerView['papers']>[number];
type Printed = Printable & {
  readonly result: VotingCalls['paper.print']['output']['_output'];
};

/** The forms that exist by now, each with its next copy: whoever lost one, or wants another, prints it here. */
export function Papers({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const { locale } = useRoot();
  const caller = useCaller();
  const [printed, setPrinted] = useState<Printed | null>(null);
  const papers = voting.papers ?? [];
  if (papers.length === 0) return null;
  const print = async (paper: Printable): Promise<void> => {
    setPrinted(null);
    const result = await caller.run('paper.print', { form: paper.form, locale });
    if (result !== undefined) setPrinted({ ...paper, result });
  };
  return (
    <Panel title={t('papers.title')}>
      <p>{t('papers.lead')}</p>
      <CallerRefusal caller={caller} />
      {printed === null ? null : (
        <Notice
          kind="success"
          isAnnounced
          title={t(printed.result.printed ? 'papers.printed' : 'papers.saved', {
            copy: printed.result.copy,
            form: t(`paper.${printed.form}.title`),
          })}
        />
      )}
      <ul className="st-devices">
        {papers.map((paper) => (
          <li key={paper.form}>
            <span>
              {t(`paper.${paper.form}.title`)}
              <span className="st-remark">{t('papers.copies', { count: paper.copies })}</span>
            </span>
            <Button isBusy={caller.isBusy} onPress={() => void print(paper)}>
              {t('papers.print', { copy: paper.copies + 1 })}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
