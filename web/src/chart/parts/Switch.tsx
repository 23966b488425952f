import styles from './Switch.module.css';

interface Props {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
}

/** A choice that counts at once. */
export function Switch({ label, on, onChange }: Props) {
  return (
    <label className={styles.switch}>
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
