import { Button, Link, Select } from "@fluentui/react-components";
import { useRef } from "react";
import type { Language, Settings } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { ownNames } from "../words";
import { usePageStyles } from "./styles";

interface Props {
  account: string;
  settings: Settings | undefined;
  language: Language;
  onLanguage: (language: Language) => void;
  csrf: () => string;
}

/** Whose page it is, its language, who has signed in, and the way out. */
export function Head({ account, settings, language, onLanguage, csrf }: Props) {
  const words = useWords();
  const styles = useStyles();
  const page = usePageStyles();
  const token = useRef<HTMLInputElement>(null);
  return (
    <header className={page.head}>
      <h1 className={page.title}>{[words.send, settings?.policy.organisation].filter(Boolean).join(" – ")}</h1>
      {settings?.caller.roles.includes("Distributor") && <Link href="/distribute">{words.page.distribution}</Link>}
      <Select size="small" aria-label={words.page.language} value={language} onChange={(_, { value }) => onLanguage(value as Language)}>
        {Object.entries(ownNames).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </Select>
      <bdi className={styles.quiet}>{account}</bdi>
      <form method="post" action="/signout" onSubmit={() => void (token.current!.value = csrf())}>
        <input ref={token} type="hidden" name="csrf" />
        <Button size="small" type="submit">
          {words.page.signOut}
        </Button>
      </form>
    </header>
  );
}
