/**
 * What the page adds where scripts run: an episode one step at a time, and data as files. Without
 * it every step is listed and all data can be read.
 */
export const SCRIPT = `
"use strict";
const viewers = [...document.querySelectorAll(".episode")].map((section) => {
  const steps = [...section.querySelectorAll(".step")];
  const pips = [...section.querySelectorAll(".pips a")];
  const [back, play, next] = section.querySelectorAll("button");
  const place = section.querySelector("output");
  let at = 0, timer = 0;
  const show = (index) => {
    at = Math.max(0, Math.min(steps.length - 1, index));
    steps.forEach((step, i) => step.classList.toggle("now", i === at));
    pips.forEach((pip, i) => i === at ? pip.setAttribute("aria-current", "step") : pip.removeAttribute("aria-current"));
    place.value = "step " + (at + 1) + " of " + steps.length;
    back.disabled = at === 0;
    next.disabled = at === steps.length - 1;
  };
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "Play"; };
  const move = (by) => { stop(); show(at + by); };
  back.onclick = () => move(-1);
  next.onclick = () => move(1);
  play.onclick = () => {
    if (timer) return stop();
    if (at === steps.length - 1) show(0);
    play.textContent = "Pause";
    timer = setInterval(() => { show(at + 1); if (at === steps.length - 1) stop(); }, 900);
  };
  pips.forEach((pip, i) => pip.onclick = (event) => { event.preventDefault(); stop(); show(i); });
  section.querySelector(".controls").hidden = false;
  section.classList.add("live");
  show(0);
  return { section, move };
});
addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
  const inView = ({ section }) => {
    const { top, bottom } = section.getBoundingClientRect();
    return top < innerHeight * 0.75 && bottom > innerHeight * 0.25;
  };
  const viewer = viewers.find(({ section }) => section.contains(document.activeElement)) ?? viewers.find(inView);
  if (!viewer) return;
  event.preventDefault();
  viewer.move(by);
});
for (const button of document.querySelectorAll(".save")) {
  button.hidden = false;
  button.onclick = () => {
    const text = button.parentElement.querySelector("pre").textContent;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = button.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
}
`;
