import { type ReactNode, useId } from 'react';
import styles from './Assess.module.css';

interface ChoiceProps {
  legend: ReactNode;
  hint?: string | undefined;
  name: string;
  value: string | undefined;
  choices: { code: string; title: ReactNode }[];
  onChange: (code: string | undefined) => void;
}

/** One of a few, all in sight. What is chosen is chosen no longer when it is chosen again. */
export function Choice({ legend, hint, name, value, choices, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <fieldset className={styles.choice} aria-describedby={hint ? `${id}-hint` : undefined}>
      <legend>{legend}</legend>
      {hint && (
        <span id={`${id}-hint`} className={styles.hint}>
          {hint}
        </span>
      )}
      <div className={styles.options}>
        {choices.map((choice) => (
          <label key={choice.code} className={styles.option}>
            <input
              type="radio"
              name={`${id}${name}`}
              checked={value === choice.code}
              onChange={() => onChange(choice.code)}
              // The second click of a double click takes nothing back.
              onClick={(event) => {
                if (event.detail < 2 && value === choice.code) onChange(undefined);
              }}
            />
            <span>{choice.title}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface TickProps {
  label: ReactNode;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

/** Yes or no. */
export function Tick({ label, on, disabled, onChange }: TickProps) {
  return (
    <label className={styles.tick}>
      <input
        type="checkbox"
        checked={on}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

interface NumberProps {
  id: string;
  label: string;
  unit: string;
  value: string;
  /** What is wrong, or doubtful, in words. */
  fault?: string | undefined;
  /** What it adds to the score. */
  score?: number | undefined;
  onChange: (text: string) => void;
  children?: ReactNode;
}

/** A number with its unit, and what it adds to the score beside it. */
export function NumberField(props: NumberProps) {
  const { id, label, unit, value, fault, score, onChange, children } = props;
  return (
    <div className={styles.vital}>
      <label htmlFor={id}>{label}</label>
      <span className={styles.measure}>
        <input
          id={id}
          className={styles.number}
          inputMode="decimal"
          autoComplete="off"
          value={value}
          aria-invalid={fault ? true : undefined}
          aria-describedby={`${id}-unit ${fault ? `${id}-fault` : ''}`}
          onChange={(event) => onChange(event.target.value)}
        />
        <span id={`${id}-unit`} className={styles.unit}>
          {unit}
        </span>
      </span>
      <Sub score={score} />
      {fault && (
        <span id={`${id}-fault`} className={styles.fault}>
          {fault}
        </span>
      )}
      {children}
    </div>
  );
}

/** What a value adds to the score; a number in a box, heavier the more it is. */
export function Sub({ score }: { score: number | undefined }) {
  if (score === undefined) return <span className={styles.sub} />;
  return (
    <span className={styles.sub} data-score={score}>
      <span className="hidden">scores </span>
      {score}
    </span>
  );
}
