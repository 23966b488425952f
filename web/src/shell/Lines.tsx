import styles from './Lines.module.css';

/** Grey lines in the place of what is on its way; they appear only if it takes a moment. */
export function Lines({ count = 4 }: { count?: number }) {
  return (
    <div className={styles.lines} role="status">
      <span className="hidden">Loading</span>
      {Array.from({ length: count }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all lines are alike
        <span key={i} className={styles.line} />
      ))}
    </div>
  );
}
