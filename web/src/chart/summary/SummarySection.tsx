import type { Condition, DocumentReference, Encounter, MedicationRequest } from 'fhir/r4';
import { firstWords, isMarker, words } from '../../fhir/codes.ts';
import { ago, day } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import type { First } from '../first.ts';
import { dose, medicine } from '../medicines/medicine.ts';
import { Card } from '../parts/Card.tsx';
import { Row, Rows, SealedRow } from '../parts/Rows.tsx';
import { onset } from '../problems/problem.ts';
import { RecentResults } from './RecentResults.tsx';
import styles from './SummarySection.module.css';
import { Vitals } from './Vitals.tsx';

/** What somebody who takes over a patient reads first. */
export function SummarySection({ chart, first }: { chart: string; first: First }) {
  const to = (section: string) => `/chart/${chart}/${section}`;
  const { problems, medicines, vitals, results, visits, documents } = first;
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
          total={medicines.total}
          shown={medicines.items.length}
          fault={medicines.fault}
          empty="None recorded as current."
        >
          <Rows>
            {medicines.items.map((request) => (
              <Medicine key={request.id} request={request} />
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
  return <Row main={words(problem.code) ?? 'Not named'} side={onset(problem)} />;
}

function Medicine({ request }: { request: MedicationRequest }) {
  if (isMarker(request)) return <SealedRow />;
  return <Row main={medicine(request)} side={day(request.authoredOn)} under={dose(request)} />;
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
  return <Row main={main} side={ago(visit.period?.start)} under={under} />;
}

function Document({ document }: { document: DocumentReference }) {
  if (isMarker(document)) return <SealedRow />;
  const main = words(document.type) ?? document.description ?? 'Document';
  return (
    <Row main={main} side={ago(document.date)} under={<Named reference={document.author?.[0]} />} />
  );
}
