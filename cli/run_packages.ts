/**
 * The packages that a run shows its progress and draws its report with, by name: nothing runs this.
 * `deno task compile` packs what it imports, since the code imports them only when it needs them.
 */
import "cli-progress";
import "simple-ascii-chart";
import "vega";
import "vega-lite";
