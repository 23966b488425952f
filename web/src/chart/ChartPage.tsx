import { useContext, useEffect, useRef } from 'react';
import { formal, pick } from '../fhir/name.ts';
import { FhirError } from '../fhir/outcome.ts';
import { type Opened, seen } from '../find/opened.ts';
import { FaultNote } from '../shell/FaultNote.tsx';
import { Pinned } from '../shell/Pinned.tsx';
import { useTitle } from '../shell/router.ts';
import { site } from '../shell/site.ts';
import { Banner, Brief } from './Banner.tsx';
import styles from './ChartPage.module.css';
import { Closed } from './Closed.tsx';
import { useClaimEnd } from './claimEnd.ts';
import { useFirst } from './first.ts';
import { ChartLive, useChartLive } from './live.ts';
import { AsOf } from './parts/AsOf.tsx';
import { Section } from './Section.tsx';
import { SectionNav } from './SectionNav.tsx';
import { labelOf } from './sections.ts';

interface Props {
  opened: Opened;
  section: string;
}

/** The chart of one patient, kept true while it is open. */
export default function ChartPage({ opened, section }: Props) {
  return (
    <ChartLive value={useChartLive(opened.id)}>
      <Chart opened={opened} section={section} />
    </ChartLive>
  );
}

/** Who it is, always in sight, and one section at a time. */
function Chart({ opened, section }: Props) {
  useTitle(`${labelOf(section)} – Chart`, site().name);
  const { data, error, dataUpdatedAt, isRefetchError, refetch } = useFirst(opened.id);
  useClaimEnd(opened.id);
  const patient = data?.patient;
  const banner = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (patient) seen(opened, patient);
  }, [opened, patient]);
  if (error instanceof FhirError && [404, 410].includes(error.status)) {
    return <Closed opened={opened} />;
  }
  const fault = error && !data ? error : undefined;
  const shown = patient ?? { resourceType: 'Patient' as const, id: opened.id, ...opened.known };
  return (
    <>
      <h1 className="hidden">Chart of {formal(pick(shown.name))}</h1>
      <div className={styles.top}>
        <div ref={banner}>
          <Banner
            patient={shown}
            first={data}
            fault={fault}
            elsewhere={data !== undefined && !patient}
          />
        </div>
        <div className={styles.under}>
          <SectionNav chart={opened.key} section={section} />
          <LiveNote />
          {data && <AsOf at={dataUpdatedAt} failed={isRefetchError} again={() => void refetch()} />}
        </div>
      </div>
      <Pinned of={banner}>
        <Brief patient={shown} first={data} fault={fault} old={isRefetchError} />
      </Pinned>
      {fault ? (
        <FaultNote fault={fault} retry={() => void refetch()} />
      ) : (
        <Section id={opened.id} chart={opened.key} section={section} first={data} />
      )}
    </>
  );
}

function LiveNote() {
  return useContext(ChartLive) === 'live' && <p className="soft small">● Live</p>;
}
