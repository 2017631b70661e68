import { useEffect, useState } from "react";

/**
 * Asks for something a moment after its question stopped changing, and answers
 * what came of the last question; undefined while nothing came. A failure
 * costs the hint and nothing else.
 */
export function useSoon<Q, A>(question: Q | undefined, ask: (question: Q) => Promise<A>, pauseMs = 500): A | undefined {
  const [answer, setAnswer] = useState<A>();
  const text = JSON.stringify(question);
  useEffect(() => {
    if (text === undefined) return undefined;
    let current = true;
    const timer = setTimeout(() => {
      ask(JSON.parse(text) as Q).then(
        (found) => current && setAnswer(() => found),
        () => undefined,
      );
    }, pauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, ask, pauseMs]);
  return answer;
}
