import { useMutation } from '@tanstack/react-query';
import type { Parameters as FhirParameters } from 'fhir/r4';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { parametersOf, text } from '../emergency/wire.ts';
import type { Session } from '../session/session.ts';
import { told } from '../session/who.ts';
import { Ask } from './Ask.tsx';
import { bornOn, EMPTY, FREE, isAnswered, parameters, QUESTIONS } from './answers.ts';
import styles from './Kiosk.module.css';
import { TEXTS } from './texts.ts';

/** One question after the other, then what was said, then a ticket. */
export function Steps({ session, onNext }: { session: Session; onNext: () => void }) {
  const [answers, setAnswers] = useState(EMPTY);
  const [at, setAt] = useState(0);
  const [wrong, setWrong] = useState(false);
  // One visit is one attempt: what is sent again after a lost answer gets the same ticket.
  const [attempt] = useState(() => crypto.randomUUID());
  const heading = useRef<HTMLHeadingElement>(null);
  const send = useMutation({
    mutationFn: async () => {
      const organization = told(session).organization ?? '';
      const parts = parameters(answers, organization, new Date(), attempt);
      const asked = parts as FhirParameters['parameter'];
      const answer = await session.fhir.operation('Encounter/$check-in', asked);
      const ticket = text(parametersOf(answer), 'ticket');
      // Nobody is called by an empty ticket.
      if (!ticket) throw new Error('no ticket');
      return ticket;
    },
  });
  const question = QUESTIONS[at];
  // Each screen is read from its beginning; questions put the focus into their field.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the step is what changes the screen
  useEffect(() => heading.current?.focus(), [at, send.isSuccess]);
  if (send.isSuccess) return <Ticket ticket={send.data} onNext={onNext} />;
  const step = (by: number) => {
    setWrong(false);
    setAt(at + by);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!question) {
      if (!send.isPending) send.mutate();
    } else if (isAnswered(question, answers, new Date())) step(1);
    else setWrong(true);
  };
  const skips = question && FREE.includes(question);
  return (
    <form className={styles.form} onSubmit={submit} noValidate autoComplete="off">
      {question ? (
        <Ask
          key={question}
          question={question}
          answers={answers}
          wrong={wrong}
          onChange={(part) => setAnswers((now) => ({ ...now, ...part }))}
        />
      ) : (
        <>
          <h1 ref={heading} tabIndex={-1}>
            {TEXTS.check}
          </h1>
          <ul className={styles.said}>
            {[
              `${answers.given} ${answers.family}`,
              born(bornOn(answers, new Date())),
              answers.postcode,
              answers.number,
              answers.complaint,
            ]
              .filter((each) => each.trim())
              .map((each) => (
                <li key={each}>{each}</li>
              ))}
          </ul>
        </>
      )}
      <div role="alert">{send.error && <p className={styles.wrong}>{TEXTS.failed}</p>}</div>
      <div className={styles.buttons}>
        <button type="submit" className={styles.main1} disabled={send.isPending}>
          {question
            ? TEXTS.next
            : send.isPending
              ? TEXTS.sending
              : send.error
                ? TEXTS.retry
                : TEXTS.send}
        </button>
        {skips && (
          <button
            type="button"
            className={styles.small}
            onClick={() => {
              setAnswers((now) => ({ ...now, [question]: '' }));
              step(1);
            }}
          >
            {TEXTS.skip}
          </button>
        )}
        {at > 0 && (
          <button type="button" className={styles.small} onClick={() => step(-1)}>
            {TEXTS.back}
          </button>
        )}
        <button type="button" className={styles.small} onClick={onNext}>
          {TEXTS.again}
        </button>
      </div>
    </form>
  );
}

const born = (day: string | undefined) => (day ? day.split('-').reverse().join('/') : '');

/** What is told is the same for everybody, known or not. */
function Ticket({ ticket, onNext }: { ticket: string; onNext: () => void }) {
  return (
    <div className={styles.form} role="status">
      <h1>
        {TEXTS.ticket}
        <span className={styles.ticket}>{ticket}</span>
      </h1>
      <p className={styles.seat}>{TEXTS.seat}</p>
      <p className={styles.seat}>
        <b>{TEXTS.worse}</b>
      </p>
      <button type="button" className={styles.main1} onClick={onNext}>
        {TEXTS.done}
      </button>
    </div>
  );
}
