import type { AllergyIntolerance, Patient } from 'fhir/r4';
import { claimOf, claims } from '../access/claims.ts';
import { firstWords, has, isMarker, words } from '../fhir/codes.ts';
import { day, time } from '../fhir/dates.ts';
import { formal, gender, pick } from '../fhir/name.ts';
import { Born, death, local, national } from '../fhir/person.tsx';
import { site } from '../shell/site.ts';
import { useStore } from '../shell/store.ts';
import styles from './Banner.module.css';
import type { First } from './first.ts';
import { Photo } from './Photo.tsx';

interface Props {
  patient: Patient;
  first: First | undefined;
  /** Another organisation keeps the person's details; what is shown of them came by tracing. */
  elsewhere: boolean;
}

/**
 * Who this is, in sight on every section, after the conventions of patient banners (ISB 1505):
 * family name in capitals, born, gender, number with spaces; then what must not be overlooked.
 */
export function Banner({ patient, first, elsewhere }: Props) {
  const died = death(patient);
  const number = national(patient);
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
          {local(patient) && (
            <Fact label="Hospital No.">
              <span className="number">{local(patient)}</span>
            </Fact>
          )}
        </dl>
        <Alerts id={patient.id ?? ''} first={first} elsewhere={elsewhere} />
      </div>
    </section>
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

function Alerts({ id, first, elsewhere }: Omit<Props, 'patient'> & { id: string }) {
  const claim = claimOf(useStore(claims), id);
  const flags = first?.flags.items.filter((flag) => !isMarker(flag)) ?? [];
  return (
    <div className={styles.alerts}>
      {elsewhere && (
        <span className={`${styles.tag} ${styles.warn}`}>
          Details kept by another organisation: check who this is
        </span>
      )}
      <Allergies first={first} />
      {flags.map((flag) => (
        <span key={flag.id} className={`${styles.tag} ${styles.warn}`}>
          ⚑ {words(flag.code)}
        </span>
      ))}
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

/** SNOMED CT for having been asked and having none: of any kind, to medicines, to food, to the environment. */
const NO_ALLERGY = ['716186003', '409137002', '429625007', '428607008'];

function Allergies({ first }: { first: First | undefined }) {
  if (!first) return <span className={styles.tag}>Allergies: loading</span>;
  const { items, fault } = first.allergies;
  if (fault)
    return <span className={`${styles.tag} ${styles.warn}`}>Allergies: not shown to you</span>;
  const current = items.filter(
    (a) =>
      !has(a.clinicalStatus, 'inactive', 'resolved') &&
      !has(a.verificationStatus, 'refuted', 'entered-in-error'),
  );
  const sealed = current.some(isMarker);
  const open = current.filter((a) => !isMarker(a));
  if (current.length === 0) {
    return <span className={styles.tag}>Allergies: none recorded</span>;
  }
  return (
    <>
      {open.map((allergy) =>
        has(allergy.code, ...NO_ALLERGY) ? (
          <span key={allergy.id} className={styles.tag}>
            {words(allergy.code)}
          </span>
        ) : (
          <span key={allergy.id} className={`${styles.tag} ${styles.bad}`}>
            ⚠ {named(allergy)}
          </span>
        ),
      )}
      {sealed && <span className={`${styles.tag} ${styles.warn}`}>⚠ Sealed allergy</span>}
    </>
  );
}

/** `Allergy to penicillin (rash, severe)`. */
function named(allergy: AllergyIntolerance): string {
  const how = allergy.reaction?.map((r) => firstWords(r.manifestation)).find(Boolean);
  const risk = allergy.criticality === 'high' ? 'high risk' : undefined;
  const more = [how?.toLowerCase(), risk].filter(Boolean).join(', ');
  const what = words(allergy.code) ?? 'Allergy, substance not recorded';
  return more ? `${what} (${more})` : what;
}
