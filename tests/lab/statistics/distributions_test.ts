import {
  chiSquaredTail,
  logGamma,
  normalCdf,
  normalQuantile,
  studentQuantile,
  studentTwoSided,
} from "../../../lab/statistics/distributions.ts";
import { golden, near } from "./golden.ts";

Deno.test("distribution functions agree with SciPy", () => {
  for (const [z, p] of golden.normalCdf) near(normalCdf(z!), p!, `normal ${z}`);
  for (const [p, z] of golden.normalQuantile) near(normalQuantile(p!), z!, `quantile ${p}`);
  for (const [t, df, p] of golden.studentTwoSided) near(studentTwoSided(t!, df!), p!, `t ${t}`);
  for (const [df, t] of golden.studentQuantile) near(studentQuantile(0.95, df!), t!, `df ${df}`);
  for (const [x, df, p] of golden.chiSquaredTail) near(chiSquaredTail(x!, df!), p!, `chi ${x}`);
  for (const [x, y] of golden.logGamma) near(logGamma(x!), y!, `gamma ${x}`);
});
