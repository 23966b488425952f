import type { Condition, DocumentReference, Encounter } from 'fhir/r4';
import { firstWords, isMarker, words } from '../../fhir/codes.ts';
import { day } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { Ago } from '../../shell/Ago.tsx';
import type { First } from '../first.ts';
import { Medicine } from '../medicines/Medicine.tsx';
import { dose, type Taken, written } from '../medicines/medicine.ts';
import { Card } from '../parts/Card.tsx';
import { Row, Rows, SealedRow } from '../parts/Rows.tsx';
import { Stands } from '../parts/Stands.tsx';
import { onset } from '../problems/problem.ts';
import { RecentResults } from './RecentResults.tsx';
import styles from './SummarySection.module.css';
import { missing, whole } from './taken.ts';
import { Vitals } from './Vitals.tsx';

/** What somebody who takes over a patient reads first. */
export function SummarySection({ chart, first }: { chart: string; first: First }) {
  const to = (section: string) => `/chart/${chart}/${section}`;
  const { problems, medicines, reported, vitals, results, visits, documents } = first;
  const taken = reported.items;
  return (
    <div className={styles.grid}>
      <Card
        title="Observations"
        more={to('results')}
        shown={vitals.items.length}
        fault={vitals.fault}
        empty="None recorded."
        wide
      >
        <Vitals observations={vitals.items} />
      </Card>
      <div className={styles.column}>
        <Card
          title="Active problems"
          more={to('problems')}
          total={problems.total}
          shown={problems.items.length}
          fault={problems.fault}
          empty="None recorded as active."
        >
          <Rows>
            {problems.items.map((problem) => (
              <Problem key={problem.id} problem={problem} />
            ))}
          </Rows>
        </Card>
        <Card
          title="Current medicines"
          more={to('medicines')}
          total={whole(medicines, reported)}
          shown={medicines.items.length + taken.length}
          fault={medicines.fault && reported.fault && medicines.fault}
          note={missing(medicines.fault, reported.fault)}
          empty="None recorded as current."
        >
          <Rows>
            {[...medicines.items, ...taken].map((entry) => (
              <Prescribed key={entry.id} of={entry} />
            ))}
          </Rows>
        </Card>
      </div>
      <div className={styles.column}>
        <Card
          title="Newest results"
          more={to('results')}
          total={results.total}
          shown={results.items.length}
          fault={results.fault}
          empty="None recorded."
        >
          <RecentResults observations={results.items} />
        </Card>
      </div>
      <div className={styles.column}>
        <Card
          title="Visits"
          more={to('visits')}
          total={visits.total}
          shown={visits.items.length}
          fault={visits.fault}
          empty="None recorded."
        >
          <Rows>
            {visits.items.map((visit) => (
              <Visit key={visit.id} visit={visit} />
            ))}
          </Rows>
        </Card>
        <Card
          title="Documents"
          more={to('documents')}
          total={documents.total}
          shown={documents.items.length}
          fault={documents.fault}
          empty="None recorded."
        >
          <Rows>
            {documents.items.map((document) => (
              <Document key={document.id} document={document} />
            ))}
          </Rows>
        </Card>
      </div>
    </div>
  );
}

function Problem({ problem }: { problem: Condition }) {
  if (isMarker(problem)) return <SealedRow />;
  const main = <Stands of={problem}>{words(problem.code) ?? 'Not named'}</Stands>;
  return <Row main={main} side={onset(problem)} />;
}

function Prescribed({ of }: { of: Taken }) {
  if (isMarker(of)) return <SealedRow />;
  const main = (
    <Stands of={of}>
      <Medicine of={of} />
    </Stands>
  );
  return <Row main={main} side={day(written(of))} under={dose(of)} />;
}

function Visit({ visit }: { visit: Encounter }) {
  if (isMarker(visit)) return <SealedRow />;
  const main = firstWords(visit.type) ?? visit.class?.display ?? 'Visit';
  const why = firstWords(visit.reasonCode);
  const under = (
    <>
      {why && `${why} · `}
      <Named reference={visit.serviceProvider} />
    </>
  );
  const name = <Stands of={visit}>{main}</Stands>;
  return <Row main={name} side={<Ago at={visit.period?.start} />} under={under} />;
}

function Document({ document }: { document: DocumentReference }) {
  if (isMarker(document)) return <SealedRow />;
  const main = words(document.type) ?? document.description ?? 'Document';
  const name = <Stands of={document}>{main}</Stands>;
  return (
    <Row
      main={name}
      side={<Ago at={document.date} />}
      under={<Named reference={document.author?.[0]} />}
    />
  );
}
