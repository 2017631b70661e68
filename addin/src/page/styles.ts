import { makeStyles, tokens } from "@fluentui/react-components";

/** What the page has beyond the pane: a column in the middle, with a head. */
export const usePageStyles = makeStyles({
  page: {
    minHeight: "100vh",
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground1,
    display: "flex",
    flexDirection: "column",
  },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold, flexGrow: 1 },
  column: {
    width: "100%",
    maxWidth: "720px",
    boxSizing: "border-box",
    margin: "0 auto",
    padding: tokens.spacingHorizontalM,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    minWidth: 0,
  },
  stack: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, minWidth: 0 },
  tabs: {
    display: "flex",
    flexWrap: "wrap",
    columnGap: tokens.spacingHorizontalL,
    padding: `0 ${tokens.spacingHorizontalM}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  tab: {
    display: "inline-block",
    padding: `${tokens.spacingVerticalM} 0`,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
    borderBottom: "3px solid transparent",
    ":hover": { textDecorationLine: "underline" },
  },
  here: { fontWeight: tokens.fontWeightSemibold, borderBottom: `3px solid ${tokens.colorBrandStroke1}` },
  frame: { width: "100%", boxSizing: "border-box", height: "160px", maxHeight: "70vh", border: `1px solid ${tokens.colorNeutralStroke1}`, backgroundColor: "#ffffff" },
  item: { borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
});
