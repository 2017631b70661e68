import { useId, type ReactNode } from "react";
import { useStyles } from "./styles";

/** A titled part of the pane, a landmark for those who listen to it. */
export function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  const styles = useStyles();
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div className={styles.row}>
        <h2 id={id} className={styles.heading}>
          {title}
        </h2>
        {note && <span className={styles.quiet}>{note}</span>}
      </div>
      {children}
    </section>
  );
}
