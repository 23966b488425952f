import type { Observation } from 'fhir/r4';
import { Ago } from '../../shell/Ago.tsx';
import { Row, Rows } from '../parts/Rows.tsx';
import { byKind, measured } from '../results/kinds.ts';
import { Value } from '../results/value.tsx';
import { Cut } from './Cut.tsx';
import { notable } from './notable.ts';

/** How many kinds fit. */
const SHOWN = 10;

/** The newest of each kind, those out of range first. */
export function RecentResults({ observations }: { observations: Observation[] }) {
  const kinds = notable(byKind(observations));
  return (
    <>
      <Rows>
        {kinds.slice(0, SHOWN).map(({ key, name, items: [newest] }) =>
          newest ? (
            <Row
              key={key}
              main={name}
              side={
                <>
                  <Value of={newest} /> · <Ago at={measured(newest)} />
                </>
              }
            />
          ) : null,
        )}
      </Rows>
      <Cut shown={SHOWN} kinds={kinds.length} />
    </>
  );
}
