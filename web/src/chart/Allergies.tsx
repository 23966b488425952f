import type { AllergyIntolerance, AllergyIntoleranceReaction } from 'fhir/r4';
import { firstWords, has, isMarker, words } from '../fhir/codes.ts';
import styles from './Banner.module.css';
import type { Part } from './part.ts';

/** SNOMED CT for having been asked and having none: of any kind, to medicines, to food, to the environment. */
const NO_ALLERGY = ['716186003', '409137002', '429625007', '428607008'];
/** How many a single line names. */
const NAMED = 2;

interface Props {
  /** Nothing while it is loaded. */
  part: Part<AllergyIntolerance> | undefined;
  /** For a single line: without reactions, and only the first by name. */
  brief?: boolean;
}

/** What must not be given, or why nothing is said of it. */
export function Allergies({ part, brief = false }: Props) {
  if (!part) return <span className={styles.tag}>Allergies: loading</span>;
  const { items, fault } = part;
  if (fault) {
    const why = fault.status === 403 ? 'not shown to you' : 'could not be loaded';
    return <span className={`${styles.tag} ${styles.warn}`}>Allergies: {why}</span>;
  }
  const current = items.filter(
    (a) =>
      !has(a.clinicalStatus, 'inactive', 'resolved') &&
      !has(a.verificationStatus, 'refuted', 'entered-in-error'),
  );
  if (current.length === 0 && !part.more) {
    const not = part.old ? 'none recorded when it was last loaded' : 'none recorded';
    return <span className={styles.tag}>Allergies: {not}</span>;
  }
  const open = current.filter((a) => !isMarker(a));
  const some = open.filter((a) => !has(a.code, ...NO_ALLERGY));
  // Having none and having one contradict each other: the line has what is dangerous.
  const none = brief && some.length > 0 ? [] : open.filter((a) => has(a.code, ...NO_ALLERGY));
  const worst = some.toSorted((a, b) => weight(b) - weight(a));
  const told = brief ? worst.filter((a, i) => worst.findIndex(sameAs(a)) === i) : worst;
  const named = brief ? told.slice(0, NAMED) : told;
  return (
    <>
      {named.map((allergy) => (
        <span key={allergy.id} className={`${styles.tag} ${styles.bad}`}>
          ⚠ {brief ? what(allergy) : whole(allergy)}
        </span>
      ))}
      {told.length > named.length && (
        <span className={`${styles.tag} ${styles.bad}`}>
          ⚠ and {told.length - named.length} more
        </span>
      )}
      {none.map((allergy) => (
        <span key={allergy.id} className={styles.tag}>
          {words(allergy.code)}
        </span>
      ))}
      {current.some(isMarker) && (
        <span className={`${styles.tag} ${styles.warn}`}>⚠ Sealed allergy</span>
      )}
      {part.old && (
        <span className={`${styles.tag} ${styles.warn}`}>Allergies: could not be loaded again</span>
      )}
      {part.more && (
        <span className={`${styles.tag} ${styles.warn}`}>⚠ More allergies than are shown</span>
      )}
    </>
  );
}

const what = (allergy: AllergyIntolerance) =>
  words(allergy.code) ?? 'Allergy, substance not recorded';

const sameAs = (allergy: AllergyIntolerance) => (other: AllergyIntolerance) =>
  what(other) === what(allergy);

/** What is dangerous comes first, and medicines before what is not given here. */
const weight = (allergy: AllergyIntolerance) =>
  (isHigh(allergy) ? 2 : 0) + (allergy.category?.includes('medication') ? 1 : 0);

const isHigh = (allergy: AllergyIntolerance) =>
  allergy.criticality === 'high' || (allergy.reaction?.some(isSevere) ?? false);

/** SNOMED CT for anaphylaxis, and for its acute form. */
const ANAPHYLAXIS = ['39579001', '241929008'];

const isSevere = (reaction: AllergyIntoleranceReaction) =>
  reaction.severity === 'severe' ||
  reaction.manifestation.some((m) => has(m, ...ANAPHYLAXIS) || /anaphyla/i.test(words(m) ?? ''));

/** `Allergy to penicillin (anaphylaxis, high risk)`: the worst that happened. */
function whole(allergy: AllergyIntolerance): string {
  const reactions = allergy.reaction ?? [];
  const worst = [...reactions.filter(isSevere), ...reactions];
  const how = worst.map((r) => firstWords(r.manifestation)).find(Boolean);
  const risk =
    allergy.criticality === 'high' ? 'high risk' : isHigh(allergy) ? 'severe' : undefined;
  const more = [how?.toLowerCase(), risk].filter(Boolean).join(', ');
  return more ? `${what(allergy)} (${more})` : what(allergy);
}
