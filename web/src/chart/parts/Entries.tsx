import type { FhirResource } from 'fhir/r4';
import type { ReactNode } from 'react';
import { isMarker } from '../../fhir/codes.ts';
import type { Paged } from '../pages.ts';
import { Pages } from './Pages.tsx';
import { Stands } from './Stands.tsx';
import { Cell, Table } from './Table.tsx';

interface Props<T> {
  title: string;
  paged: Paged<T>;
  empty: string;
  controls?: ReactNode;
  /** What the first column is called, which names the entry. */
  first: string;
  name: (entry: T) => ReactNode;
  /** The other columns, each with its title. */
  columns: readonly (readonly [string, (entry: T) => ReactNode])[];
}

/** A section whose entries are rows: a name with how far it holds, and what is known; a sealed one says that it is. */
export function Entries<T extends FhirResource>(props: Props<T>) {
  const { title, paged, empty, controls, first, name, columns } = props;
  return (
    <Pages title={title} paged={paged} empty={empty} controls={controls}>
      <Table caption={title} head={[first, ...columns.map(([column]) => column)]}>
        {paged.items.map((entry) =>
          isMarker(entry) ? (
            <tr key={entry.id}>
              <th scope="row" colSpan={columns.length + 1}>
                <em className="soft">Sealed entry</em>
              </th>
            </tr>
          ) : (
            <tr key={entry.id}>
              <th scope="row">
                <Stands of={entry}>{name(entry)}</Stands>
              </th>
              {columns.map(([column, cell]) => (
                <Cell key={column} of={column}>
                  {cell(entry)}
                </Cell>
              ))}
            </tr>
          ),
        )}
      </Table>
    </Pages>
  );
}

/** A day or a span, in digits of one width, on one line. */
export function When({ children }: { children: ReactNode }) {
  return <span className="number whole">{children}</span>;
}
