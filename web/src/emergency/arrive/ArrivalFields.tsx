import { TextInput } from '@mantine/core';
import { Tick } from '../assess/Fields.tsx';
import { useAreas } from '../useAreas.ts';
import { wordsOf } from '../words.ts';
import styles from './Arrive.module.css';
import { type Arrival, MODES, type Refused } from './arrival.ts';

interface Props {
  typed: Arrival;
  refused: Refused | undefined;
  set: (part: Partial<Arrival>) => void;
}

/** How, why and when somebody came. What is refused is said at its field. */
export function ArrivalFields({ typed, refused, set }: Props) {
  const areas = useAreas();
  const announced = typed.mode === 'pre-alert';
  const wrong = (field: Refused['field']) => (refused?.field === field ? refused.text : undefined);
  return (
    <>
      <label className={styles.field}>
        How did they come?
        <select value={typed.mode} onChange={(event) => set({ mode: event.target.value })}>
          {MODES.map((mode) => (
            <option key={mode} value={mode}>
              {wordsOf(mode)}
            </option>
          ))}
        </select>
      </label>
      <TextInput
        label="What is wrong, in their words"
        value={typed.complaint}
        error={wrong('complaint')}
        onChange={(event) => set({ complaint: event.currentTarget.value })}
        autoComplete="off"
        autoFocus
      />
      <label className={styles.field}>
        Area
        <select value={typed.area} onChange={(event) => set({ area: event.target.value })}>
          <option value="">Not decided</option>
          {areas.map((area) => (
            <option key={area.id} value={area.id}>
              {area.name}
            </option>
          ))}
        </select>
      </label>
      <TextInput
        label={announced ? 'Expected at' : 'Arrived at'}
        description={
          announced ? 'A time such as 14:05' : 'Empty for now; otherwise a time such as 14:05'
        }
        value={typed.time}
        error={wrong('time')}
        // Another time is not the one that was said to be tomorrow's.
        onChange={(event) => set({ time: event.currentTarget.value, tomorrow: false })}
        autoComplete="off"
      />
      {announced && (refused?.asksTomorrow || typed.tomorrow) && (
        <Tick
          label="Yes, tomorrow"
          on={typed.tomorrow}
          onChange={(tomorrow) => set({ tomorrow })}
        />
      )}
      {!announced && typed.time.trim() !== '' && (
        <TextInput
          label="Why so late"
          description="Needed if it was more than 10 minutes ago"
          value={typed.reason}
          error={wrong('reason')}
          onChange={(event) => set({ reason: event.currentTarget.value })}
          autoComplete="off"
        />
      )}
    </>
  );
}
