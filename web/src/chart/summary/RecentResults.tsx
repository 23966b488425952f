import type { Observation } from 'fhir/r4';
import { Ago } from '../../shell/Ago.tsx';
import { Row, Rows } from '../parts/Rows.tsx';
import { byKind, measured } from '../results/kinds.ts';
import { Value } from '../results/value.tsx';

/** The newest of each kind, those out of range first. */
export function RecentResults({ observations }: { observations: Observation[] }) {
  const kinds = byKind(observations);
  return (
    <Rows>
      {kinds.slice(0, 10).map(({ key, name, items: [newest] }) =>
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
  );
}
