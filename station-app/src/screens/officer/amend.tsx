/** An amendment enters here: from a carrier's file, from a scanner that types, or pasted. What it says is checked by the core. */
import { Button, Notice } from '@sandoq/kit';
import { useState } from 'react';
import { FileTrigger, Label, TextArea, TextField } from 'react-aria-components';
import { AMENDMENT_HEX_MAX, type OfficerView } from '../../contract/voting.ts';
import { useCaller, useStationTexts } from '../station.ts';
import { useBallot } from './closing.tsx';
import { Amendments } from './day-book.tsx';
import { CallerRefusal } from './refusal.tsx';

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Hexadecimal as it is; base64, of both alphabets, as bytes. Anything else is sent as it is, and refused by name. */
export function recordFromText(text: string): string {
  const typed = text.replace(/\s/g, '');
  if (/^(?:[0-9a-fA-F]{2})+$/.test(typed)) return typed.toLowerCase();
  try {
    const standard = typed.replaceAll('-', '+').replaceAll('_', '/');
    return hexOf(Uint8Array.from(atob(standard), (letter) => letter.charCodeAt(0)));
  } catch {
    return typed;
  }
}

export function Amend({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const caller = useCaller();
  const ballot = useBallot(voting.day_book?.amendments.length ?? 0);
  const [text, setText] = useState('');
  const [applied, setApplied] = useState<{ sequence: number; in_force: boolean } | null>(null);
  const apply = async (record: string): Promise<void> => {
    setApplied(null);
    const done = await caller.run('amendment.apply', { record: record.slice(0, AMENDMENT_HEX_MAX) });
    if (done === undefined) return;
    setApplied(done);
    setText('');
  };
  const choose = async (files: FileList | null): Promise<void> => {
    const file = files?.[0];
    if (file === undefined) return;
    await apply(hexOf(new Uint8Array(await file.slice(0, AMENDMENT_HEX_MAX / 2).arrayBuffer())));
  };
  return (
    <>
      <p>{t('amend.lead')}</p>
      <CallerRefusal caller={caller} />
      {applied === null ? null : (
        <Notice
          kind="success"
          title={t(applied.in_force ? 'amend.applied' : 'amend.kept', { sequence: applied.sequence })}
          next={t('amend.applied.do')}
          isAnnounced
        />
      )}
      <FileTrigger acceptedFileTypes={['.cose']} onSelect={(files) => void choose(files)}>
        <Button kind="primary" isBusy={caller.isBusy}>
          {t('amend.file')}
        </Button>
      </FileTrigger>
      <TextField className="kit-field" value={text} onChange={setText} maxLength={AMENDMENT_HEX_MAX}>
        <Label>{t('amend.text')}</Label>
        <TextArea className="kit-input st-record" rows={3} spellCheck="false" />
      </TextField>
      <Button
        isBusy={caller.isBusy}
        isDisabled={text.trim() === ''}
        onPress={() => void apply(recordFromText(text))}
      >
        {t('amend.apply')}
      </Button>
      <Amendments voting={voting} ballot={ballot} />
    </>
  );
}
