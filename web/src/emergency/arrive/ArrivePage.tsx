import { Button, TextInput } from '@mantine/core';
import type { Encounter, Patient } from 'fhir/r4';
import { type FormEvent, useState } from 'react';
import { formal, gender, pick } from '../../fhir/name.ts';
import { Born } from '../../fhir/person.tsx';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { follow, go, useTitle } from '../../shell/router.ts';
import { site } from '../../shell/site.ts';
import { Choice } from '../assess/Fields.tsx';
import { useOrganization } from '../board/useBoard.ts';
import { attendanceAddress } from '../keys.ts';
import { noteOutcome } from '../outcome.ts';
import { useAct } from '../useAct.ts';
import { useAreas } from '../useAreas.ts';
import { wordsOf } from '../words.ts';
import styles from './Arrive.module.css';
import { type Arrival, arrival } from './arrival.ts';
import { Finder } from './Finder.tsx';

const MODES = ['walk-in', 'ambulance', 'pre-alert'];

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
  const areas = useAreas();
  const [typed, setTyped] = useState<Arrival>({
    mode: 'walk-in',
    complaint: '',
    area: '',
    time: '',
    reason: '',
  });
  const announced = typed.mode === 'pre-alert';
  const [fault, setFault] = useState<string>();
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
  const send = (event: FormEvent) => {
    event.preventDefault();
    const asked = arrival(typed, patient.id ?? '', organization ?? '', new Date());
    setFault(typeof asked === 'string' ? asked : undefined);
    if (typeof asked === 'string' || act.isPending) return;
    act.mutate({ path: 'Encounter/$arrive', parts: asked }, { onSuccess: shown });
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
      <Choice
        legend="How did they come?"
        name="mode"
        value={typed.mode}
        choices={MODES.map((code) => ({ code, title: wordsOf(code) }))}
        onChange={(mode) => mode && set({ mode })}
      />
      <TextInput
        label="What is wrong, in their words"
        value={typed.complaint}
        onChange={(event) => set({ complaint: event.currentTarget.value })}
        autoComplete="off"
        autoFocus
      />
      <label className={styles.field}>
        Area
        <select value={typed.area} onChange={(event) => set({ area: event.target.value })}>
          <option value="">Not decided</option>
          {areas.map((area) => (
            <option key={area.id} value={area.id}>
              {area.name}
            </option>
          ))}
        </select>
      </label>
      <TextInput
        label={announced ? 'Expected at' : 'Arrived at'}
        description={
          announced ? 'A time such as 14:05' : 'Empty for now; otherwise a time such as 14:05'
        }
        value={typed.time}
        onChange={(event) => set({ time: event.currentTarget.value })}
        autoComplete="off"
      />
      {!announced && typed.time.trim() !== '' && (
        <TextInput
          label="Why so late"
          description="Needed if it was more than 10 minutes ago"
          value={typed.reason}
          onChange={(event) => set({ reason: event.currentTarget.value })}
          autoComplete="off"
        />
      )}
      {fault && <p role="alert">{fault}</p>}
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
