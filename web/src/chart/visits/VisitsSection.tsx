import type { Encounter } from 'fhir/r4';
import { firstWords, isMarker } from '../../fhir/codes.ts';
import { span } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { usePages } from '../pages.ts';
import { Pages } from '../parts/Pages.tsx';
import { Stands } from '../parts/Stands.tsx';
import { Cell, Table } from '../parts/Table.tsx';

const HEAD = ['Visit', 'When', 'Status', 'Reason', 'Where', 'With'];
const [, WHEN = '', STATUS = '', WHY = '', WHERE = '', WHO = ''] = HEAD;

/** Every contact with an organisation, the newest first. */
export function VisitsSection({ id }: { id: string }) {
  const paged = usePages<Encounter>(id, 'Encounter', '_sort=-date&_count=50');
  return (
    <Pages title="Visits" paged={paged} empty="No visit is recorded.">
      <Table caption="Visits" head={HEAD}>
        {paged.items.map((visit) => (
          <Visit key={visit.id} visit={visit} />
        ))}
      </Table>
    </Pages>
  );
}

function Visit({ visit }: { visit: Encounter }) {
  const sealed = isMarker(visit);
  const place = visit.location?.at(-1)?.location;
  return (
    <tr>
      <th scope="row">
        {sealed ? (
          <em className="soft">Sealed entry</em>
        ) : (
          <Stands of={visit}>{firstWords(visit.type) ?? visit.class?.display ?? 'Visit'}</Stands>
        )}
      </th>
      <Cell of={WHEN}>
        <span className="number">{span(visit.period?.start, visit.period?.end)}</span>
      </Cell>
      <Cell of={STATUS}>{visit.status && (STATUSES[visit.status] ?? visit.status)}</Cell>
      <Cell of={WHY}>{firstWords(visit.reasonCode)}</Cell>
      <Cell of={WHERE}>
        <Named reference={place} />
        {place && <br />}
        <span className="soft small">
          <Named reference={visit.serviceProvider} />
        </span>
      </Cell>
      <Cell of={WHO}>
        <Named reference={visit.participant?.[0]?.individual} />
      </Cell>
    </tr>
  );
}

const STATUSES: Record<string, string> = {
  planned: 'Planned',
  arrived: 'Arrived',
  triaged: 'Triaged',
  'in-progress': 'Under way',
  onleave: 'On leave',
  finished: 'Finished',
  cancelled: 'Cancelled',
  'entered-in-error': 'Entered in error',
  unknown: 'Not known',
};
