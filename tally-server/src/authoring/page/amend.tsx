/** The amendment: a signed change to a signed package, chosen from what that package holds. */
import { Button, ButtonRow, Notice, Panel } from '@sandoq/kit';
import { localizeDigits } from '@sandoq/protocol/persian';
import { useEffect, useState } from 'react';
import { isTextKey, textOf } from '../../texts.ts';
import type { SignedPackage } from '../signed-package.ts';
import { amend, loadSigned } from './draft.ts';
import { useEditing } from './fields.tsx';
import { MomentBoxes } from './moment-field.tsx';

const say = (key: Parameters<typeof textOf>[1], values: Record<string, string> = {}): string =>
  textOf('fa', key, values);

interface Form {
  readonly kind: 'hours_changed' | 'candidate_withdrawn';
  readonly contest: string;
  readonly code: string;
  readonly closes_at: string;
  readonly fa: string;
  readonly en: string;
}
const EMPTY: Form = { kind: 'hours_changed', contest: '', code: '', closes_at: '', fa: '', en: '' };

/** What is still to be written, in words; undefined where it can be signed. */
function wanting(form: Form, closesAt: string): string | undefined {
  if (form.kind === 'hours_changed') {
    const at = Date.parse(form.closes_at);
    if (!Number.isFinite(at)) return say('author.amend_wants.closes_at');
    if (at === Date.parse(closesAt)) return say('author.amend_wants.other_hour');
  } else if (form.contest === '' || form.code === '') return say('author.amend_wants.candidate');
  return form.fa.trim() === '' || form.en.trim() === '' ? say('author.amend_wants.reason') : undefined;
}

const refusalWords = (code: string): string => {
  const key = `author.amend_refused.${code}`;
  return isTextKey(key) ? say(key) : say('author.amend_refused.other', { code });
};

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [id: string, words: string])[];
  readonly onChange: (value: string) => void;
}
const Choice = ({ label, value, options, onChange }: ChoiceProps) => (
  <label className="a-field">
    {label}
    <select value={value} onChange={(event) => onChange(event.target.value)}>
      {value === '' ? <option value="">—</option> : null}
      {options.map(([id, words]) => (
        <option key={id} value={id}>
          {words}
        </option>
      ))}
    </select>
  </label>
);

interface PartProps {
  readonly form: Form;
  readonly change: (part: Partial<Form>) => void;
}

const Withdrawal = ({ form, change, held }: PartProps & { readonly held: SignedPackage }) => {
  const candidates = held.contests.find(({ id }) => id === form.contest)?.candidates ?? [];
  return (
    <>
      <Choice
        label={say('where.contests.one')}
        value={form.contest}
        options={held.contests.map(({ id, title }) => [id, title.fa])}
        onChange={(contest) => change({ contest, code: '' })}
      />
      <Choice
        label={say('where.candidates.one')}
        value={form.code}
        options={candidates
          .filter(({ withdrawn }) => !withdrawn)
          .map(({ code, name }) => [code, `${localizeDigits(code, 'fa')} ${name.fa}`])}
        onChange={(code) => change({ code })}
      />
    </>
  );
};

const Reasons = ({ form, change }: PartProps) => (
  <>
    <label className="a-field">
      {say('author.reason_fa')}
      <input value={form.fa} onChange={(event) => change({ fa: event.target.value })} />
    </label>
    <label className="a-field">
      {say('author.reason_en')}
      <input dir="ltr" value={form.en} onChange={(event) => change({ en: event.target.value })} />
    </label>
  </>
);

const AmendForm = ({ held, onSigned }: { readonly held: SignedPackage; readonly onSigned: () => void }) => {
  const [form, setForm] = useState<Form>(EMPTY);
  const [refused, setRefused] = useState<string | undefined>(undefined);
  const change = (part: Partial<Form>): void => {
    setRefused(undefined);
    setForm({ ...form, ...part });
  };
  const missing = wanting(form, held.closes_at);
  const send = async (): Promise<void> => {
    const { kind, contest, code, closes_at, fa, en } = form;
    const answer = await amend({
      package: held.package,
      reason: { fa: fa.trim(), en: en.trim() },
      change: kind === 'hours_changed' ? { kind, closes_at } : { kind, contest, code },
    });
    if (answer === undefined) onSigned();
    else setRefused(answer);
  };
  return (
    <>
      <div className="a-grid">
        <Choice
          label={say('author.change')}
          value={form.kind}
          options={[
            ['hours_changed', say('author.hours_changed')],
            ['candidate_withdrawn', say('author.candidate_withdrawn')],
          ]}
          onChange={(kind) => change({ kind: kind as Form['kind'] })}
        />
        {form.kind === 'hours_changed' ? (
          <MomentBoxes
            label={say('where.closesAt')}
            value={form.closes_at === '' ? held.closes_at : form.closes_at}
            onChange={(closes_at) => change({ closes_at: closes_at ?? ' ' })}
          />
        ) : (
          <Withdrawal form={form} change={change} held={held} />
        )}
        <Reasons form={form} change={change} />
      </div>
      <ButtonRow>
        <Button kind="primary" isDisabled={missing !== undefined} onPress={() => void send()}>
          {say('author.amend_sign')}
        </Button>
      </ButtonRow>
      {missing === undefined ? null : <p className="a-said">{missing}</p>}
      {refused === undefined ? null : <Notice kind="fault" title={refusalWords(refused)} />}
    </>
  );
};

export const AmendPart = () => {
  const { judged } = useEditing();
  const [name, setName] = useState(judged.signed[0] ?? '');
  const [held, setHeld] = useState<SignedPackage | undefined>(undefined);
  const [signedNow, setSignedNow] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an amendment that was signed changes what the package holds
  useEffect(() => {
    let gone = false;
    if (name !== '')
      loadSigned(name).then(
        (loaded) => {
          if (!gone) setHeld(loaded);
        },
        () => {
          if (!gone) setHeld(undefined);
        },
      );
    return () => {
      gone = true;
    };
  }, [name, signedNow]);
  if (judged.signed.length === 0)
    return (
      <Panel title={say('author.amend')}>
        <p>{say('author.none_signed')}</p>
      </Panel>
    );
  return (
    <Panel title={say('author.amend')}>
      <div className="a-grid">
        <Choice
          label={say('where.package')}
          value={name}
          options={judged.signed.map((one) => [one, one])}
          onChange={(next) => {
            setName(next);
            setHeld(undefined);
            setSignedNow(0);
          }}
        />
      </div>
      {held === undefined ? null : (
        <>
          <p>{say('author.amendments', { count: localizeDigits(String(held.amendments), 'fa') })}</p>
          <AmendForm
            key={`${held.package} ${held.amendments}`}
            held={held}
            onSigned={() => setSignedNow(signedNow + 1)}
          />
        </>
      )}
      {signedNow === 0 ? null : <Notice kind="success" title={say('author.amended')} />}
    </Panel>
  );
};
