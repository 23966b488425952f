import { referenceOf } from '../../fhir/quantity.ts';
import { Ago } from '../../shell/Ago.tsx';
import { Cell, Table } from '../parts/Table.tsx';
import { type Kind, lines, measured } from './kinds.ts';
import styles from './ResultsSection.module.css';
import { Spark } from './Spark.tsx';
import { Value } from './value.tsx';

const HEAD = ['Result', 'Newest', 'Range', 'Course', 'When'];
const [, NEWEST = '', RANGE = '', COURSE = '', WHEN = ''] = HEAD;

interface Props {
  kinds: Kind[];
  open: string | undefined;
  onOpen: (key: string) => void;
}

/** A line for each kind of result. */
export function KindTable({ kinds, open, onOpen }: Props) {
  return (
    <Table caption="Results by kind" head={HEAD}>
      {kinds.map((kind) => {
        const [newest] = kind.items;
        if (!newest) return null;
        return (
          <tr key={kind.key}>
            <th scope="row">
              <button
                type="button"
                className={styles.name}
                aria-pressed={kind.key === open}
                onClick={() => onOpen(kind.key)}
              >
                {kind.name}
              </button>
            </th>
            <Cell of={NEWEST}>
              <Value of={newest} />
            </Cell>
            <Cell of={RANGE}>
              <span className="soft number whole">{referenceOf(newest, newest.valueQuantity)}</span>
            </Cell>
            <Cell of={COURSE}>
              <span className={styles.course}>
                <Spark lines={lines(kind)} />
              </span>
            </Cell>
            <Cell of={WHEN}>
              <Ago at={measured(newest)} className="number" />
            </Cell>
          </tr>
        );
      })}
    </Table>
  );
}
