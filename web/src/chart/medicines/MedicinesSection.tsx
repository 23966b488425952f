import type { MedicationRequest } from 'fhir/r4';
import { useState } from 'react';
import { firstWords, isMarker } from '../../fhir/codes.ts';
import { day } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { usePages } from '../pages.ts';
import { Pages } from '../parts/Pages.tsx';
import { Switch } from '../parts/Switch.tsx';
import { Cell, Table } from '../parts/Table.tsx';
import { dose, medicine, route } from './medicine.ts';

const HEAD = ['Medicine', 'Dose', 'Route', 'Status', 'Prescribed', 'By', 'For'];
const [, DOSE = '', ROUTE = '', STATUS = '', WHEN = '', BY = '', WHY = ''] = HEAD;

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
    <Pages
      title="Medicines"
      paged={paged}
      empty={all ? 'No medicine is recorded.' : 'No medicine is recorded as current.'}
      controls={<Switch label="Show past medicines" on={all} onChange={setAll} />}
    >
      <Table caption="Medicines" head={HEAD}>
        {paged.items.map((request) => (
          <Medicine key={request.id} request={request} />
        ))}
      </Table>
    </Pages>
  );
}

function Medicine({ request }: { request: MedicationRequest }) {
  if (isMarker(request)) {
    return (
      <tr>
        <th scope="row" colSpan={HEAD.length}>
          <em className="soft">Sealed entry</em>
        </th>
      </tr>
    );
  }
  return (
    <tr>
      <th scope="row">{medicine(request)}</th>
      <Cell of={DOSE}>{dose(request)}</Cell>
      <Cell of={ROUTE}>{route(request)}</Cell>
      <Cell of={STATUS}>{STATUSES[request.status] ?? request.status}</Cell>
      <Cell of={WHEN}>
        <span className="number whole">{day(request.authoredOn)}</span>
      </Cell>
      <Cell of={BY}>
        <Named reference={request.requester} />
      </Cell>
      <Cell of={WHY}>{firstWords(request.reasonCode)}</Cell>
    </tr>
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
