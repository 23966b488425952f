import type { MedicationRequest } from 'fhir/r4';
import { useState } from 'react';
import { firstWords } from '../../fhir/codes.ts';
import { day } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { usePages } from '../pages.ts';
import { Entries, When } from '../parts/Entries.tsx';
import { Switch } from '../parts/Switch.tsx';
import { dose, medicine, route } from './medicine.ts';

/** What is prescribed; what is current unless all is asked for. */
export function MedicinesSection({ id }: { id: string }) {
  const [all, setAll] = useState(false);
  const which = all ? '' : 'status=active,on-hold&';
  const paged = usePages<MedicationRequest>(
    id,
    'MedicationRequest',
    `${which}_sort=-authoredon&_count=50`,
  );
  return (
    <Entries
      title="Medicines"
      paged={paged}
      empty={all ? 'No medicine is recorded.' : 'No medicine is recorded as current.'}
      controls={<Switch label="Show past medicines" on={all} onChange={setAll} />}
      first="Medicine"
      name={medicine}
      columns={COLUMNS}
    />
  );
}

const STATUSES: Record<string, string> = {
  active: 'Current',
  'on-hold': 'On hold',
  cancelled: 'Cancelled',
  completed: 'Completed',
  'entered-in-error': 'Entered in error',
  stopped: 'Stopped',
  draft: 'Draft',
  unknown: 'Not known',
};

const COLUMNS = [
  ['Dose', dose],
  ['Route', route],
  ['Status', (request: MedicationRequest) => STATUSES[request.status] ?? request.status],
  ['Prescribed', (request: MedicationRequest) => <When>{day(request.authoredOn)}</When>],
  ['By', (request: MedicationRequest) => <Named reference={request.requester} />],
  ['For', (request: MedicationRequest) => firstWords(request.reasonCode)],
] as const;
