import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ParametersParameter } from 'fhir/r4';
import { type FormEvent, useState } from 'react';
import { useFhir } from '../session/SessionContext.tsx';
import { FaultNote } from '../shell/FaultNote.tsx';
import { site } from '../shell/site.ts';
import styles from './FindPage.module.css';
import { Traced } from './Traced.tsx';
import { EMPTY, type Fields, parameters, people } from './trace.ts';

/** `Patient/$trace`: number and birth date, or full name, birth date and postcode, exactly. */
export function TraceForm({ open, onOpen }: { open: boolean; onOpen: () => void }) {
  const fhir = useFhir();
  const [fields, setFields] = useState<Fields>(EMPTY);
  const [fault, setFault] = useState<string>();
  const trace = useMutation({
    mutationFn: async (parameter: ParametersParameter[]) =>
      people(await fhir.operation('Patient/$trace', parameter)),
  });
  if (!open) {
    return (
      <Button variant="default" onClick={onOpen}>
        Trace somebody
      </Button>
    );
  }
  const send = (event: FormEvent) => {
    event.preventDefault();
    trace.reset();
    const asked = parameters(fields, site().nationalIdentifier.system);
    setFault(typeof asked === 'string' ? asked : undefined);
    if (typeof asked !== 'string') trace.mutate(asked);
  };
  const field = (name: keyof Fields, label: string, hint?: string) => (
    <TextInput
      label={label}
      description={hint}
      value={fields[name]}
      autoComplete="off"
      onChange={(event) => {
        const { value } = event.currentTarget;
        // Whoever was found stands for what was typed then, and for nothing else.
        trace.reset();
        setFields((now) => ({ ...now, [name]: value }));
      }}
    />
  );
  const { label } = site().nationalIdentifier;
  return (
    <>
      <form className={styles.form} onSubmit={send} noValidate>
        {field('birthDate', 'Birth date', 'Day, month, year')}
        {field('number', label)}
        <p className="soft small">or, where the number is not known:</p>
        <div className={styles.pair}>
          {field('family', 'Family name')}
          {field('given', 'Given name')}
        </div>
        {field('postcode', 'Postcode')}
        {fault && <p role="alert">{fault}</p>}
        <Button type="submit" disabled={trace.isPending}>
          Trace
        </Button>
        {trace.error && <FaultNote fault={trace.error} />}
      </form>
      {/* Beside the form, since what follows has a form of its own. */}
      <div role="status">{trace.data && <Traced people={trace.data} />}</div>
    </>
  );
}
