import { Checkbox } from "@fluentui/react-components";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { toggleNames, type Choices } from "./choices";

/** Who is told of what. */
export function Toggles({ choices, onChange }: { choices: Choices; onChange: (change: Partial<Choices>) => void }) {
  const words = useWords();
  const styles = useStyles();
  return (
    <div role="group" aria-label={words.notifications} className={styles.section}>
      {toggleNames.map((name) => (
        <Checkbox key={name} label={words[name]} checked={choices.toggles[name]}
          onChange={(_, { checked }) => onChange({ toggles: { ...choices.toggles, [name]: checked === true } })} />
      ))}
    </div>
  );
}
