/** The document around a report: one file, nothing from outside, and no script but its own. */
import { createHash } from "node:crypto";
import { type Html, markup, trusted } from "./html.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/**
 * A whole page. Its policy forbids every load and every script that is not {@linkcode SCRIPT}.
 *
 * @param style Rules on top of {@linkcode STYLE}.
 */
export function page(title: string, body: Html, style = ""): string {
  const hash = createHash("sha256").update(SCRIPT).digest("base64");
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; ` +
    `script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return String(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<title>${title}</title>
<style>${trusted(STYLE + style)}</style>
</head>
<body>
<main>
${body}
</main>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`);
}
