import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Encounter } from 'fhir/r4';
import { useFhir, useSession } from '../session/SessionContext.tsx';
import { told } from '../session/who.ts';
import { FaultNote } from '../shell/FaultNote.tsx';
import { openChart } from './opened.ts';

/** What kinds of arrival there are (v3-ActCode). */
const KINDS = [
  { code: 'EMER', label: 'Emergency' },
  { code: 'AMB', label: 'Outpatient' },
  { code: 'IMP', label: 'Inpatient' },
];

/** An arrival is what gives the organisation a relationship with somebody. */
export function ArrivalForm({ patient }: { patient: string }) {
  const fhir = useFhir();
  const queries = useQueryClient();
  const { organization } = told(useSession());
  const arrive = useMutation({
    mutationFn: ({ code, label }: (typeof KINDS)[number]) =>
      fhir.post<Encounter>('Encounter', {
        resourceType: 'Encounter',
        status: 'arrived',
        class: {
          system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
          code,
          display: label.toLowerCase(),
        },
        subject: { reference: `Patient/${patient}` },
        period: { start: new Date().toISOString() },
        ...(organization ? { serviceProvider: { reference: `Organization/${organization}` } } : {}),
      }),
    onSuccess: () => void queries.invalidateQueries(),
  });
  return (
    <div>
      <p>Register an arrival, which opens the record to those who treat here:</p>
      <p>
        {KINDS.map((kind) => (
          <Button
            key={kind.code}
            variant="default"
            mr="xs"
            disabled={arrive.isPending}
            onClick={() => arrive.mutate(kind, { onSuccess: () => openChart(patient) })}
          >
            {kind.label}
          </Button>
        ))}
      </p>
      {arrive.error && <FaultNote fault={arrive.error} wrote />}
    </div>
  );
}
