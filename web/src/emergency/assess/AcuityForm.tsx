import { Acuity } from '../parts.tsx';
import { ACUITIES, acuityTitle } from '../words.ts';
import styles from './Assess.module.css';
import type { Draft } from './draft.ts';
import { Choice } from './Fields.tsx';
import type { Result } from './result.ts';

interface Props {
  draft: Draft;
  result: Result | undefined;
  /** The acuity so far. */
  before: number | undefined;
  onChange: (change: Partial<Draft>) => void;
}

const YES_NO = [
  { code: 'yes', title: 'Yes' },
  { code: 'no', title: 'No' },
];

const code = (truth: boolean | undefined) =>
  truth === undefined ? undefined : truth ? 'yes' : 'no';
const truth = (chosen: string | undefined) => (chosen === undefined ? undefined : chosen === 'yes');

/** The question of the reason field, from what the server says that it is needed for. */
const whyFor = (asked: string | undefined) =>
  asked ? `Why (needed ${asked.startsWith('to ') ? '' : 'for '}${asked})` : 'Why';

/** How urgent it is: from three questions, or chosen. Whoever chooses otherwise says why. */
export function AcuityForm({ draft, result, before, onChange }: Props) {
  const computed = result?.acuity?.computed;
  const asked = result?.acuity?.reasonNeeded;
  const differs = draft.acuity !== undefined && computed !== undefined && computed !== draft.acuity;
  // A reason stays in sight while nothing can be computed: it would be sent.
  const explained = differs || asked !== undefined || draft.overrideReason !== '';
  return (
    <section className={styles.card} aria-labelledby="acuity">
      <h2 id="acuity">Acuity</h2>
      <Choice
        legend="Needs something to save life at once?"
        hint="Airway, breathing, pulse, unresponsive"
        name="life"
        value={code(draft.lifeThreat)}
        choices={YES_NO}
        onChange={(chosen) => onChange({ lifeThreat: truth(chosen) })}
      />
      {draft.lifeThreat !== true && (
        <>
          <Choice
            legend="Should not wait?"
            hint="High risk, newly confused or drowsy, severe pain or distress"
            name="risk"
            value={code(draft.highRisk)}
            choices={YES_NO}
            onChange={(chosen) => onChange({ highRisk: truth(chosen) })}
          />
          {(draft.resources !== undefined ||
            (draft.lifeThreat === false && draft.highRisk === false)) && (
            <Choice
              legend="How many kinds of resources?"
              hint="Laboratory, imaging, fluids or injections, a specialist, a procedure"
              name="resources"
              value={draft.resources === undefined ? undefined : String(draft.resources)}
              choices={[
                { code: '0', title: 'None' },
                { code: '1', title: 'One' },
                { code: '2', title: 'Two or more' },
              ]}
              onChange={(chosen) =>
                onChange({ resources: chosen === undefined ? undefined : Number(chosen) })
              }
            />
          )}
        </>
      )}
      <p role="status" className={styles.follows}>
        {computed !== undefined && (
          <>
            <span>From these answers:</span> <Acuity level={computed} />
            {result?.acuity?.why && <span className="soft small">{result.acuity.why}</span>}
            {result?.acuity?.unassessed && (
              <span className="small">{result.acuity.unassessed}</span>
            )}
          </>
        )}
      </p>
      <Choice
        legend={computed === undefined ? 'Or choose' : 'Choose otherwise'}
        hint={before === undefined ? undefined : `So far ${before}, ${acuityTitle(before)}`}
        name="acuity"
        value={draft.acuity === undefined ? undefined : String(draft.acuity)}
        choices={ACUITIES.map(({ level }) => ({
          code: String(level),
          title: <Acuity level={level} />,
        }))}
        onChange={(chosen) =>
          onChange({ acuity: chosen === undefined ? undefined : Number(chosen) })
        }
      />
      {explained && (
        <label className={styles.field}>
          {differs ? `Why ${draft.acuity} and not ${computed} (needed)` : whyFor(asked)}
          <input
            value={draft.overrideReason}
            required={differs || asked !== undefined}
            autoComplete="off"
            aria-invalid={draft.overrideReason.trim() === '' || undefined}
            onChange={(event) => onChange({ overrideReason: event.target.value })}
          />
        </label>
      )}
    </section>
  );
}
