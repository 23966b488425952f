import { sentence } from '../../fhir/outcome.ts';
import styles from './Assess.module.css';
import type { Draft } from './draft.ts';
import { Choice, NumberField, Sub, Tick } from './Fields.tsx';
import type { Result } from './result.ts';
import { isAsked, mistake, VITALS, type Vital } from './vitals.ts';

interface Props {
  draft: Draft;
  result: Result | undefined;
  /** The result is of something typed before: what it adds for each value is not shown. */
  behind: boolean;
  child: boolean;
  /** The scale of oxygen saturation so far. */
  scaleBefore: number;
  onChange: (change: Partial<Draft>) => void;
}

/** What is measured, in the order of a chart, with what each adds to the score. */
export function VitalsForm(props: Props) {
  const { child } = props;
  const main = VITALS.filter((v) => v.when === undefined || (v.when === 'child' && child));
  const more = VITALS.filter((v) => v.when === 'more');
  return (
    <section className={styles.card} aria-labelledby="vitals">
      <h2 id="vitals">Observations</h2>
      <div className={styles.vitals}>
        {main.map((vital) => (
          <Field key={vital.id} vital={vital} {...props} />
        ))}
      </div>
      {asksScale(props) && <Scale {...props} />}
      <div className={styles.vitals}>
        {more.map((vital) => (
          <Field key={vital.id} vital={vital} {...props} />
        ))}
      </div>
    </section>
  );
}

/** Adults' score has two scales; where the age is open it may be the one that counts. */
const asksScale = ({ child, draft, result }: Props) =>
  !child || draft.scale !== undefined || result?.scheme.id === 'news2';

function Field({ vital, draft, result, behind, child, onChange }: Props & { vital: Vital }) {
  const value = draft.values[vital.id] ?? '';
  const set = (text: string) =>
    onChange({
      values: { ...draft.values, [vital.id]: text },
      // Another value has to be confirmed for itself.
      confirmed: draft.confirmed.filter((id) => id !== vital.id),
    });
  const scored = vital.id === 'oxygen-device' ? 'oxygen' : vital.id;
  const score =
    value && !behind ? result?.subScores.find((s) => s.parameter === scored)?.score : undefined;
  if (vital.choices && vital.choices.length > 5) {
    return (
      <div className={styles.vital}>
        <label htmlFor={vital.id}>{vital.title}</label>
        <select
          id={vital.id}
          className={styles.select}
          value={value}
          onChange={(event) => set(event.target.value)}
        >
          <option value="">Not recorded</option>
          {vital.choices.map((choice) => (
            <option key={choice.code} value={choice.code}>
              {choice.title}
            </option>
          ))}
        </select>
        <Sub score={score} />
      </div>
    );
  }
  if (vital.choices) {
    return (
      <div className={styles.wideVital}>
        <Choice
          legend={vital.title}
          name={vital.id}
          value={value}
          choices={vital.choices}
          onChange={(code) => set(code ?? '')}
        />
        <Sub score={score} />
      </div>
    );
  }
  if (!isAsked(vital, draft.values, child)) return null;
  const doubt = value ? result?.toConfirm.find((c) => c.code === vital.code) : undefined;
  const confirmed = draft.confirmed.includes(vital.id);
  return (
    <NumberField
      id={vital.id}
      label={vital.title}
      unit={vital.shown ?? ''}
      value={value}
      score={score}
      fault={mistake(vital, value) ?? (doubt && !confirmed ? sentence(doubt.text) : undefined)}
      onChange={set}
    >
      {(doubt || confirmed) && (
        <Tick
          label={`Measured again: ${value} ${vital.shown} is right`}
          on={confirmed}
          onChange={(on) =>
            onChange({
              confirmed: on
                ? [...draft.confirmed, vital.id]
                : draft.confirmed.filter((id) => id !== vital.id),
            })
          }
        />
      )}
    </NumberField>
  );
}

function Scale(props: Props) {
  const { draft, scaleBefore, result, onChange } = props;
  if (result && !result.scaleKnown) return <UnknownScale {...props} />;
  const scale = draft.scale ?? scaleBefore;
  return (
    <div className={styles.scale}>
      <Tick
        label="SpO₂ scale 2: a target of 88–92 % is prescribed"
        on={scale === 2}
        onChange={(on) => {
          const wanted = on ? 2 : 1;
          onChange({ scale: wanted === scaleBefore ? undefined : wanted });
        }}
      />
      {draft.scale !== undefined && (
        <ScaleReason
          label={`Why scale ${draft.scale}, and decided by whom (needed)`}
          draft={draft}
          onChange={onChange}
        />
      )}
    </div>
  );
}

/** Neither scale is offered as the one that holds: either could harm. */
function UnknownScale({ draft, onChange }: Props) {
  return (
    <div className={styles.scale}>
      <Choice
        legend="Which SpO₂ scale holds?"
        hint="Earlier scores of this attendance are not open to you, so it is not known here which one was set. Look at the prescription, or ask."
        name="spo2-scale"
        value={draft.scale === undefined ? undefined : String(draft.scale)}
        choices={[
          { code: '1', title: 'Scale 1' },
          { code: '2', title: 'Scale 2: a target of 88–92 % is prescribed' },
        ]}
        onChange={(code) => onChange({ scale: code === undefined ? undefined : Number(code) })}
      />
      {draft.scale === 2 && (
        <ScaleReason
          label="How this is known, and from whom (needed)"
          draft={draft}
          onChange={onChange}
        />
      )}
    </div>
  );
}

interface ReasonProps {
  label: string;
  draft: Draft;
  onChange: Props['onChange'];
}

function ScaleReason({ label, draft, onChange }: ReasonProps) {
  return (
    <label className={styles.field}>
      {label}
      <input
        value={draft.scaleReason}
        required
        autoComplete="off"
        aria-invalid={draft.scaleReason.trim() === '' || undefined}
        onChange={(event) => onChange({ scaleReason: event.target.value })}
      />
    </label>
  );
}
