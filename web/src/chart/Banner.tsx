import type { AllergyIntolerance, Patient } from 'fhir/r4';
import { claimOf, claims } from '../access/claims.ts';
import { isMarker, words } from '../fhir/codes.ts';
import { day, time } from '../fhir/dates.ts';
import { formal, gender, pick } from '../fhir/name.ts';
import { FhirError } from '../fhir/outcome.ts';
import { Born, death, isOutOfUse, local, national } from '../fhir/person.tsx';
import { OutOfUse } from '../find/OutOfUse.tsx';
import { useSession } from '../session/SessionContext.tsx';
import { told } from '../session/who.ts';
import { site } from '../shell/site.ts';
import { useStore } from '../shell/store.ts';
import { Allergies } from './Allergies.tsx';
import styles from './Banner.module.css';
import type { First } from './first.ts';
import { Photo } from './Photo.tsx';
import { refused } from './part.ts';

interface Props {
  patient: Patient;
  first: First | undefined;
  /** Why there is nothing of the record at all. */
  fault: Error | undefined;
  /** Another organisation keeps the person's details; what is shown of them came by tracing. */
  elsewhere: boolean;
}

/**
 * Who this is, in sight on every section, after the conventions of patient banners (ISB 1505):
 * family name in capitals, born, gender, number with spaces; then what must not be overlooked.
 */
export function Banner({ patient, first, fault, elsewhere }: Props) {
  const died = death(patient);
  const number = national(patient);
  const own = local(patient, told(useSession()).organization);
  return (
    <section
      aria-label="Patient"
      className={died ? `${styles.banner} ${styles.dead}` : styles.banner}
    >
      <Photo patient={patient} />
      <strong className={styles.name}>
        <bdi>{isMarker(patient) ? 'Sealed record' : formal(pick(patient.name))}</bdi>
      </strong>
      <div className={styles.under}>
        <dl className={styles.facts}>
          <Fact label="Born">
            <Born patient={patient} />
          </Fact>
          {died && (
            <Fact label="Died">
              <strong>{died}</strong>
            </Fact>
          )}
          <Fact label="Gender">{gender(patient)}</Fact>
          <Fact label={site().nationalIdentifier.label}>
            <span className="number">{number ?? 'not recorded'}</span>
          </Fact>
          {own && (
            <Fact label="Hospital No.">
              <span className="number">{own}</span>
            </Fact>
          )}
        </dl>
        <Alerts patient={patient} first={first} fault={fault} elsewhere={elsewhere} />
      </div>
    </section>
  );
}

interface BriefProps extends Omit<Props, 'elsewhere'> {
  /** It could not be loaded again: what is known is from before. */
  old: boolean;
}

/** The same in a line, for where the banner is out of sight. */
export function Brief({ patient, first, fault, old }: BriefProps) {
  const allergies = first && { ...first.allergies, old };
  return (
    <>
      <strong>
        <bdi>{isMarker(patient) ? 'Sealed record' : formal(pick(patient.name))}</bdi>
      </strong>
      <Born patient={patient} />
      {isOutOfUse(patient) && <strong>Out of use</strong>}
      <Allergies part={allergies ?? unknown(fault)} brief />
    </>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Alerts({ patient, first, fault, elsewhere }: Props) {
  const claim = claimOf(useStore(claims), patient.id ?? '');
  return (
    <div className={styles.alerts}>
      {isOutOfUse(patient) && (
        <strong className={`${styles.tag} ${styles.bad}`}>
          <OutOfUse patient={patient} />
        </strong>
      )}
      {elsewhere && (
        <span className={`${styles.tag} ${styles.warn}`}>
          Details kept by another organisation: check who this is
        </span>
      )}
      <Allergies part={first?.allergies ?? unknown(fault)} />
      {first && <Flags part={first.flags} />}
      {claim && (
        <span
          className={`${styles.tag} ${claim.kind === 'break-glass' ? styles.bad : styles.warn}`}
        >
          {claim.kind === 'break-glass' ? 'Emergency access' : 'Access taken by you'}
          {claim.until && ` until ${day(claim.until)} ${time(claim.until)}`}
        </span>
      )}
    </div>
  );
}

/** What else must be known on meeting somebody, or why it is not told. */
function Flags({ part: { items, more, fault } }: { part: First['flags'] }) {
  const why = fault && (fault.status === 403 ? 'not shown to you' : 'could not be loaded');
  return (
    <>
      {items.map((flag) => (
        <Flagged key={flag.id}>{isMarker(flag) ? 'Sealed alert' : words(flag.code)}</Flagged>
      ))}
      {more && <Flagged>More alerts than are shown</Flagged>}
      {why && <Flagged>Alerts: {why}</Flagged>}
    </>
  );
}

function Flagged({ children }: { children: React.ReactNode }) {
  return <span className={`${styles.tag} ${styles.warn}`}>⚑ {children}</span>;
}

/** Nothing is known of the allergies of a record that could not be loaded. */
function unknown(fault: Error | undefined) {
  if (!fault) return undefined;
  return refused<AllergyIntolerance>(fault instanceof FhirError ? fault : new FhirError(0));
}
