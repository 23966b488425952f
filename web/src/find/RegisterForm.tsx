import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Bundle, Patient } from 'fhir/r4';
import { type FormEvent, useState } from 'react';
import { entries } from '../fhir/client.ts';
import { useFhir, useSession } from '../session/SessionContext.tsx';
import { told } from '../session/who.ts';
import { FaultNote } from '../shell/FaultNote.tsx';
import { site } from '../shell/site.ts';
import styles from './FindPage.module.css';
import { openChart } from './opened.ts';
import { PatientList } from './PatientList.tsx';
import { EMPTY, type Fields, patientOf } from './registration.ts';

/** Registers somebody new, after looking whether they are here already. */
export function RegisterForm({ open, onOpen }: { open: boolean; onOpen: () => void }) {
  const fhir = useFhir();
  const queries = useQueryClient();
  const { organization } = told(useSession());
  const [fields, setFields] = useState<Fields>(EMPTY);
  const [fault, setFault] = useState<string>();
  const { system, label } = site().nationalIdentifier;
  const match = useMutation({
    mutationFn: async (patient: Patient) => {
      const asked = [
        { name: 'resource', resource: patient },
        { name: 'count', valueInteger: 5 },
      ];
      const found = (await fhir.operation('Patient/$match', asked)) as Bundle;
      return { patient, same: entries<Patient>(found, 'Patient') };
    },
  });
  const create = useMutation({
    mutationFn: (patient: Patient) => fhir.post<Patient>('Patient', patient),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['find'] }),
  });
  // With the calls: they count no more once something else is typed, or somebody goes elsewhere.
  const register = (patient: Patient) =>
    create.mutate(patient, { onSuccess: (made) => openChart(made.id ?? '', made) });
  const look = (patient: Patient) =>
    match.mutate(patient, { onSuccess: ({ same }) => same.length === 0 && register(patient) });
  if (!open) {
    return (
      <Button variant="default" onClick={onOpen}>
        Register somebody
      </Button>
    );
  }
  const send = (event: FormEvent) => {
    event.preventDefault();
    const patient = patientOf(fields, system, organization);
    setFault(typeof patient === 'string' ? patient : undefined);
    if (typeof patient !== 'string') look(patient);
  };
  const set = (name: keyof Fields) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    match.reset();
    create.reset();
    setFields((now) => ({ ...now, [name]: value }));
  };
  const field = (name: keyof Fields, text: string, hint?: string) => (
    <TextInput
      label={text}
      description={hint}
      value={fields[name]}
      onChange={set(name)}
      autoComplete="off"
    />
  );
  const same = match.data?.same ?? [];
  return (
    <form className={styles.form} onSubmit={send} noValidate>
      <fieldset className={styles.fields} disabled={create.isPending}>
        <div className={styles.pair}>
          {field('family', 'Family name')}
          {field('given', 'Given names')}
        </div>
        {field('birthDate', 'Birth date', 'Day, month, year')}
        <NativeSelect
          label="Gender"
          value={fields.gender}
          onChange={set('gender')}
          data={[
            { value: '', label: 'Not recorded' },
            { value: 'female', label: 'Female' },
            { value: 'male', label: 'Male' },
            { value: 'other', label: 'Other' },
            { value: 'unknown', label: 'Not known' },
          ]}
        />
        {field('number', label, 'Leave empty if not known')}
        <div className={styles.pair}>
          {field('postcode', 'Postcode')}
          {field('phone', 'Telephone')}
        </div>
      </fieldset>
      {fault && <p role="alert">{fault}</p>}
      <Button type="submit" disabled={match.isPending || create.isPending}>
        Register
      </Button>
      {match.error && <FaultNote fault={match.error} />}
      {create.error && <FaultNote fault={create.error} wrote />}
      {match.data && same.length > 0 && (
        <section role="status" className={styles.form}>
          <h3>Is it one of these?</h3>
          <PatientList people={same.map((patient) => ({ patient }))} />
          <Button
            variant="default"
            disabled={create.isPending}
            onClick={() => register(match.data.patient)}
          >
            None of these: register new
          </Button>
        </section>
      )}
    </form>
  );
}
