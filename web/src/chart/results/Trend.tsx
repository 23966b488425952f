import type { Observation } from 'fhir/r4';
import { keyOf } from '../../fhir/codes.ts';
import { moment } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { referenceOf } from '../../fhir/quantity.ts';
import { usePages } from '../pages.ts';
import { Pages } from '../parts/Pages.tsx';
import { Cell, Table } from '../parts/Table.tsx';
import { byKind, type Kind, lines, measured } from './kinds.ts';
import { Plot } from './Plot.tsx';
import styles from './ResultsSection.module.css';
import { Value } from './value.tsx';

const HEAD = ['When', 'Value', 'Range', 'Measured by'];
const [, VALUE = '', RANGE = '', BY = ''] = HEAD;

/** The whole course of one kind: as a picture, and as numbers with time, unit and who. */
export function Trend({ id, kind }: { id: string; kind: Kind }) {
  const paged = usePages<Observation>(id, 'Observation', `${asked(kind)}&_sort=-date&_count=100`);
  // A search by code may find more than this kind: resources with several codes.
  const same = byKind(paged.items).find((found) => found.key === kind.key) ?? kind;
  return (
    <div className={styles.trend}>
      <Pages title={kind.name} paged={paged} empty="Nothing.">
        <Plot lines={lines(same)} title={kind.name} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section className={styles.scroll} tabIndex={0} aria-label={`Values of ${kind.name}`}>
          <Table caption={`Values of ${kind.name}`} head={HEAD}>
            {same.items.map((o) => (
              <tr key={o.id}>
                <th scope="row" className="number plain">
                  {moment(measured(o))}
                </th>
                <Cell of={VALUE}>
                  <Value of={o} />
                </Cell>
                <Cell of={RANGE}>
                  <span className="soft number whole">{referenceOf(o, o.valueQuantity)}</span>
                </Cell>
                <Cell of={BY}>
                  <Named reference={o.performer?.[0]} />
                </Cell>
              </tr>
            ))}
          </Table>
        </section>
      </Pages>
    </div>
  );
}

/** What finds a kind: its code, or its words where it has none. */
function asked({ items: [newest] }: Kind): string {
  const key = keyOf(newest?.code);
  const text = newest?.code.text ?? '';
  return key.startsWith('|') && key === `|${text}`
    ? `code:text=${encodeURIComponent(text)}`
    : `code=${encodeURIComponent(key)}`;
}
