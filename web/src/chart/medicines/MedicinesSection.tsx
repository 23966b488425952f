import type { MedicationRequest, MedicationStatement } from 'fhir/r4';
import { useState } from 'react';
import { firstWords } from '../../fhir/codes.ts';
import { day } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { usePages } from '../pages.ts';
import { Entries, When } from '../parts/Entries.tsx';
import { Switch } from '../parts/Switch.tsx';
import { Medicine } from './Medicine.tsx';
import { dose, route, written } from './medicine.ts';

/** What is prescribed, and what somebody said is taken; what is current unless all is asked for. */
export function MedicinesSection({ id }: { id: string }) {
  const [all, setAll] = useState(false);
  return (
    <>
      <Prescribed id={id} all={all} onAll={setAll} />
      <Reported id={id} all={all} />
    </>
  );
}

interface Props {
  id: string;
  all: boolean;
  onAll: (all: boolean) => void;
}

function Prescribed({ id, all, onAll }: Props) {
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
      controls={<Switch label="Show past medicines" on={all} onChange={onAll} />}
      first="Medicine"
      name={(request) => <Medicine of={request} />}
      columns={COLUMNS}
    />
  );
}

/** Medicines that nobody here prescribed: bought, brought along, begun elsewhere. */
function Reported({ id, all }: Omit<Props, 'onAll'>) {
  const which = all ? '' : 'status:not=entered-in-error,completed,stopped&';
  const paged = usePages<MedicationStatement>(
    id,
    'MedicationStatement',
    `${which}_sort=-effective&_count=50`,
  );
  return (
    <Entries
      title="Reported as taken"
      paged={paged}
      empty="Nobody is recorded to have said what else is taken."
      first="Medicine"
      name={(statement) => <Medicine of={statement} />}
      columns={TOLD}
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

const TOLD = [
  ['Dose', dose],
  ['Route', route],
  ['Told', (statement: MedicationStatement) => <When>{day(written(statement))}</When>],
  ['By', (statement: MedicationStatement) => <Named reference={statement.informationSource} />],
  ['For', (statement: MedicationStatement) => firstWords(statement.reasonCode)],
] as const;
