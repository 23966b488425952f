import type { Attendance } from '../board/board.ts';
import { ticking, useTime } from '../ticking.ts';
import { dayAndTime, momentOf, timeOf } from '../typedTime.ts';
import { useAreas } from '../useAreas.ts';
import { FLAGS, wordsOf } from '../words.ts';
import styles from './Assess.module.css';
import type { Draft } from './draft.ts';
import { Tick } from './Fields.tsx';

interface Props {
  draft: Draft;
  row: Attendance;
  child: boolean;
  /** No birth date tells how old they are, to the month. */
  ageless: boolean;
  onChange: (change: Partial<Draft>) => void;
}

/** What makes the team look closer even where the numbers are good (National PEWS). */
const CONCERNS = [
  { code: 'suspected-sepsis', title: 'New suspicion of sepsis' },
  { code: 'septic-shock', title: 'Signs of septic shock' },
  { code: 'abnormal-pupils', title: 'Abnormal pupils' },
  { code: 'carer-medium', title: 'Carer is worried' },
  { code: 'carer-high', title: 'Carer is very worried' },
  { code: 'intuition-medium', title: 'Clinical intuition: something is wrong' },
];

/** Which time is meant, of which day; nothing before it can be read. */
export function takenText(text: string, now: Date, arrived: number | undefined): string {
  if (!timeOf(text, now)) return '';
  const at = momentOf(text, now, arrived);
  return `That is ${at ? dayAndTime(at, now) : 'now'}.`;
}

/** What to look out for, where to go, and what else is to be said. */
export function OtherForm({ draft, row, child, ageless, onChange }: Props) {
  const areas = useAreas();
  const takenAt = useTime(() => takenText(draft.takenAt, ticking.exact(), row.arrived));
  const toggle = (list: string[], code: string, on: boolean) =>
    on ? [...list, code] : list.filter((known) => known !== code);
  return (
    <section className={styles.card} aria-labelledby="other">
      <h2 id="other">Flags, area and note</h2>
      <fieldset className={styles.choice}>
        <legend>Look out for</legend>
        <div className={styles.ticks}>
          {[...new Set([...Object.keys(FLAGS), ...row.flags])].map((code) => {
            const before = row.flags.includes(code);
            const ends = before && draft.flagEnds.includes(code);
            const title = FLAGS[code]?.title ?? wordsOf(code);
            return (
              <Tick
                key={code}
                label={ends ? `${title} (ends)` : before ? `${title} (flagged before)` : title}
                on={before ? !ends : draft.flags.includes(code)}
                onChange={(on) =>
                  onChange(
                    before
                      ? { flagEnds: toggle(draft.flagEnds, code, !on) }
                      : { flags: toggle(draft.flags, code, on) },
                  )
                }
              />
            );
          })}
        </div>
      </fieldset>
      {child && (
        <fieldset className={styles.choice}>
          <legend>Concerns</legend>
          <div className={styles.ticks}>
            {CONCERNS.map(({ code, title }) => (
              <Tick
                key={code}
                label={title}
                on={draft.concerns.includes(code)}
                onChange={(on) => onChange({ concerns: toggle(draft.concerns, code, on) })}
              />
            ))}
          </div>
        </fieldset>
      )}
      <label className={styles.field}>
        Area
        <select
          className={styles.select}
          value={draft.area}
          onChange={(event) => onChange({ area: event.target.value })}
        >
          <option value="">{row.area ? `Stays in ${row.area.name}` : 'Not decided'}</option>
          {areas.map((area) => (
            <option key={area.id} value={area.id}>
              {area.name}
            </option>
          ))}
        </select>
      </label>
      {ageless && (
        <label className={styles.field}>
          Age in months, as well as it can be judged (3 years is 36)
          <input
            value={draft.ageMonths}
            inputMode="numeric"
            autoComplete="off"
            onChange={(event) => onChange({ ageMonths: event.target.value })}
          />
        </label>
      )}
      <label className={styles.field}>
        When it was, if not now: a time such as 14:05
        <input
          value={draft.takenAt}
          autoComplete="off"
          onChange={(event) => onChange({ takenAt: event.target.value })}
        />
      </label>
      <p role="status" className="soft">
        {takenAt}
      </p>
      {draft.takenAt.trim() !== '' && (
        <label className={styles.field}>
          Why it is entered only now (needed after 10 minutes)
          <input
            value={draft.takenReason}
            autoComplete="off"
            onChange={(event) => onChange({ takenReason: event.target.value })}
          />
        </label>
      )}
      <label className={styles.field}>
        Note
        <textarea
          rows={3}
          value={draft.note}
          onChange={(event) => onChange({ note: event.target.value })}
        />
      </label>
      <Tick
        label={row.bedRequested ? 'A bed is requested' : 'Request a bed'}
        on={row.bedRequested || draft.bed}
        disabled={row.bedRequested}
        onChange={(bed) => onChange({ bed })}
      />
    </section>
  );
}
