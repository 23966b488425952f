import { Button } from '@mantine/core';
import type { Encounter, Patient } from 'fhir/r4';
import { type FormEvent, useState } from 'react';
import { formal, gender, pick } from '../../fhir/name.ts';
import { Born } from '../../fhir/person.tsx';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { follow, go, useTitle } from '../../shell/router.ts';
import { site } from '../../shell/site.ts';
import { useOrganization } from '../board/useBoard.ts';
import { attendanceAddress } from '../keys.ts';
import { noteOutcome } from '../outcome.ts';
import { ticking } from '../ticking.ts';
import { useAct } from '../useAct.ts';
import { ArrivalFields } from './ArrivalFields.tsx';
import styles from './Arrive.module.css';
import { type Arrival, arrival, type Refused } from './arrival.ts';
import { Finder } from './Finder.tsx';

/** Whoever sent a form goes to the field that is refused, and hears why. */
function focusRefused(form: HTMLElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

/** Reception: who it is, then how and why they came. */
export function ArrivePage() {
  useTitle('New arrival', site().name);
  const [patient, setPatient] = useState<Patient>();
  return (
    <section className={styles.page}>
      <a href="/emergency" onClick={follow('/emergency')}>
        Back to the board
      </a>
      <h1>New arrival</h1>
      {patient ? (
        <Details patient={patient} onOther={() => setPatient(undefined)} />
      ) : (
        <Finder onFound={setPatient} />
      )}
    </section>
  );
}

function Details({ patient, onOther }: { patient: Patient; onOther: () => void }) {
  const organization = useOrganization();
  const [typed, setTyped] = useState<Arrival>({
    mode: 'walk-in',
    complaint: '',
    area: '',
    time: '',
    reason: '',
    tomorrow: false,
  });
  const announced = typed.mode === 'pre-alert';
  const [refused, setRefused] = useState<Refused>();
  const act = useAct();
  // Told with the call: whoever has gone elsewhere meanwhile stays there.
  const shown = (made: unknown) => {
    const { id, status } = made as Encounter;
    // Who is announced stands on the board, and has no attendance to look at yet.
    if (!id || status === 'planned') return go('/emergency');
    noteOutcome(id, 'The arrival is recorded. The 15 minutes to the first assessment run.');
    go(attendanceAddress(id));
  };
  const set = (part: Partial<Arrival>) => setTyped((now) => ({ ...now, ...part }));
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const asked = arrival(typed, patient.id ?? '', organization ?? '', ticking.exact());
    const parts = Array.isArray(asked) ? asked : undefined;
    setRefused(Array.isArray(asked) ? undefined : asked);
    if (!parts) focusRefused(form);
    else if (!act.isPending) act.mutate({ path: 'Encounter/$arrive', parts }, { onSuccess: shown });
  };
  return (
    <form className={styles.form} onSubmit={send} noValidate>
      <p className={styles.person}>
        <b>
          <bdi>{formal(pick(patient.name))}</bdi>
        </b>{' '}
        <Born patient={patient} /> {gender(patient)}{' '}
        <button type="button" className="link" onClick={onOther}>
          Somebody else
        </button>
      </p>
      <ArrivalFields typed={typed} refused={refused} set={set} />
      {act.error && <FaultNote fault={act.error} wrote />}
      <Button type="submit" size="md" disabled={act.isPending}>
        {act.isPending
          ? 'Recording …'
          : announced
            ? 'Record that they are expected'
            : 'Record the arrival'}
      </Button>
    </form>
  );
}
