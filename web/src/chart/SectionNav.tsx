import { follow } from '../shell/router.ts';
import styles from './ChartPage.module.css';
import { SECTIONS } from './sections.ts';

/** The sections of a chart, as links: each can be gone back to. */
export function SectionNav({ chart, section }: { chart: string; section: string }) {
  return (
    <nav aria-label="Sections of the chart" className={styles.nav}>
      {SECTIONS.map(({ name, label }) => {
        const to = `/chart/${chart}/${name}`;
        return (
          <a
            key={name}
            href={to}
            onClick={follow(to)}
            aria-current={name === section ? 'page' : undefined}
          >
            {label}
          </a>
        );
      })}
    </nav>
  );
}
