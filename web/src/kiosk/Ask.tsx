import type { Answers, Question } from './answers.ts';
import styles from './Kiosk.module.css';
import { TEXTS } from './texts.ts';

interface Props {
  question: Question;
  answers: Answers;
  wrong: boolean;
  onChange: (part: Partial<Answers>) => void;
}

/** Browsers and keyboards neither keep nor complete what is typed at a shared screen. */
const PLAIN = {
  autoComplete: 'off',
  autoCorrect: 'off',
  spellCheck: false,
  'data-1p-ignore': true,
} as const;

/** One question. */
export function Ask({ question, answers, wrong, onChange }: Props) {
  const { ask, help, need } = TEXTS[question];
  const told = [help && 'help', wrong && 'wrong'].filter(Boolean).join(' ') || undefined;
  const given = { 'aria-describedby': told, 'aria-invalid': wrong || undefined, ...PLAIN };
  const set = (name: keyof Answers) => (event: { target: { value: string } }) =>
    onChange({ [name]: event.target.value });
  return (
    <>
      <h1 id="question">{question === 'born' ? ask : <label htmlFor="answer">{ask}</label>}</h1>
      {help && (
        <p id="help" className={styles.help}>
          {help}
        </p>
      )}
      {question === 'born' ? (
        // biome-ignore lint/a11y/useSemanticElements: the heading names the group
        <div role="group" aria-labelledby="question" className={styles.born}>
          {(['day', 'month', 'year'] as const).map((part, i) => (
            <label key={part}>
              {TEXTS.born[part]}
              <input
                className={styles.input}
                inputMode="numeric"
                maxLength={part === 'year' ? 4 : 2}
                value={answers[part]}
                onChange={set(part)}
                // biome-ignore lint/a11y/noAutofocus: there is nothing else on the screen
                autoFocus={i === 0}
                {...given}
              />
            </label>
          ))}
        </div>
      ) : (
        <input
          id="answer"
          className={styles.input}
          inputMode={question === 'number' ? 'numeric' : 'text'}
          maxLength={question === 'complaint' ? 120 : 60}
          value={answers[question]}
          onChange={set(question)}
          // biome-ignore lint/a11y/noAutofocus: there is nothing else on the screen
          autoFocus
          {...given}
        />
      )}
      <p id="wrong" role="alert" className={wrong ? styles.wrong : undefined}>
        {wrong && need}
      </p>
    </>
  );
}
