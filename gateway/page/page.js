"use strict";
// The figures come as server-sent events, read with `fetch`, as `EventSource` sends no token. The token stands behind
// the `#` of the address, which browsers keep to themselves.

const KEEP = 240; // snapshots: two minutes
const $ = (id) => document.getElementById(id);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const recent = { at: [], used: [], waiting: [], rate: [] };
let last = null;

const time = (seconds) =>
  seconds === Infinity ? "> 30 s" : seconds >= 1 ? `${+seconds.toFixed(1)} s` : `${+(seconds * 1000).toPrecision(3)} ms`;

// Colours are looked up at each drawing, so a change between light and dark shows at once.
function axis(more) {
  return {
    font: "12px system-ui, sans-serif",
    stroke: () => color("--faint"),
    grid: { stroke: () => color("--line"), width: 1 },
    ticks: { stroke: () => color("--line"), width: 1 },
    ...more,
  };
}

const compact = new Intl.NumberFormat("en", { notation: "compact" });
const counts = () => axis({
  values: (_, splits) => splits.map((count) => compact.format(count)),
  // Whole numbers.
  incrs: Array.from({ length: 10 }, (_, nth) => [1, 2, 5].map((n) => n * 10 ** nth)).flat(),
});
const upwards = { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] };

function width(element) {
  return Math.max(element.clientWidth, 200);
}

function overTime(id, series) {
  const element = $(id);
  const lines = series.map(([label, name]) => ({
    label,
    width: 2,
    stroke: () => color(name),
    fill: () => color(name) + "22",
    value: (_, value) => (value == null ? "-" : +value.toFixed(1)),
  }));
  const plot = new uPlot({
    width: width(element),
    height: 190,
    series: [{}, ...lines],
    axes: [axis(), counts()],
    scales: { y: upwards },
  }, [[], ...series.map(() => [])], element);
  return plot;
}

function histogram(id, name, bounds) {
  const element = $(id);
  const labels = [...bounds, Infinity].map((bound) => time(bound));
  const every = Math.ceil(labels.length / 5);
  return new uPlot({
    width: width(element),
    height: 190,
    legend: { show: false },
    cursor: { show: false },
    series: [{}, {
      stroke: () => color(name),
      fill: () => color(name) + "88",
      paths: uPlot.paths.bars({ size: [0.8] }),
      points: { show: false },
    }],
    axes: [
      axis({
        grid: { show: false },
        values: (_, splits) => splits.map((nth) => labels[nth]),
        splits: () => labels.map((_, nth) => nth).filter((nth) => nth % every === 0),
      }),
      counts(),
    ],
    scales: { x: { time: false, range: [-0.7, labels.length - 0.3] }, y: upwards },
  }, [labels.map((_, nth) => nth), labels.map(() => 0)], element);
}

let plots = null;
function start(bounds) {
  plots = {
    pool: overTime("pool", [["in use", "--used"], ["waiting", "--waiting"]]),
    calls: overTime("calls", [["calls per second", "--good"]]),
    wait: histogram("wait", "--waiting", bounds),
    hold: histogram("hold", "--used", bounds),
    idle: histogram("idle", "--good", bounds),
  };
}

// The least bound that 99 % stay under.
function percentile(cumulative, bounds) {
  const all = cumulative[cumulative.length - 1];
  if (!all) return "-";
  const nth = cumulative.findIndex((count) => count >= 0.99 * all);
  return time([...bounds, Infinity][nth]);
}

const sum = (object, keep) => Object.entries(object).reduce((all, [key, n]) => (keep(key) ? all + n : all), 0);
const isError = (outcome) => outcome !== "ok";
const bars = (cumulative) => cumulative.map((count, nth) => count - (nth ? cumulative[nth - 1] : 0));

function rows(id, all) {
  $(id).replaceChildren(...all.map((cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
    return row;
  }));
}

const errors = [];
function show(now) {
  if (!plots) start(now.bounds);
  const seconds = last ? (now.at - last.at) / 1000 : 0;
  const calls = sum(now.calls, () => true);
  const rate = seconds > 0 ? Math.max(0, calls - sum(last.calls, () => true)) / seconds : 0;
  errors.push([now.at, sum(now.calls, isError)]);
  while (errors.length > 1 && now.at - errors[0][0] > 60000) errors.shift();
  last = now;
  recent.at.push(now.at / 1000);
  recent.used.push(now.pool.used);
  recent.waiting.push(now.pool.waiting);
  recent.rate.push(rate);
  for (const list of Object.values(recent)) if (list.length > KEEP) list.shift();

  $("used").textContent = now.pool.used;
  $("max").textContent = now.pool.max;
  $("waiting").textContent = now.pool.waiting;
  $("rate").textContent = rate.toFixed(1);
  $("errors").textContent = errors[errors.length - 1][1] - errors[0][1];
  $("wait99").textContent = percentile(now.wait, now.bounds);
  $("hold99").textContent = percentile(now.hold, now.bounds);
  rows("leases", now.leases.map((lease) => [lease.site, time(lease.age_ms / 1000), lease.in_query ? "in a query" : "between queries"]));
  $("nobody").hidden = now.leases.length > 0;
  rows("outcomes", Object.entries(now.calls).sort((a, b) => b[1] - a[1]));
  globalThis.snapshots = (globalThis.snapshots ?? 0) + 1;
  plots.pool.setData([recent.at, recent.used, recent.waiting]);
  plots.calls.setData([recent.at, recent.rate]);
  for (const name of ["wait", "hold", "idle"]) plots[name].setData([plots[name].data[0], bars(now[name])]);
}

function state(text, name) {
  $("state").textContent = text;
  $("state").className = name;
}

// One connection, until it ends. Returns whether another try makes sense.
async function read(token) {
  const response = await fetch("/v1/live", { headers: { authorization: `Bearer ${token}` } });
  if (response.status === 401) return false;
  state("live", "live");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return true;
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) if (event.startsWith("data: ")) show(JSON.parse(event.slice(6)));
  }
}

async function run(token) {
  for (;;) {
    let again = true;
    try {
      again = await read(token);
    } catch {
      // The gateway is away; it may come back.
    }
    if (!again) break;
    state("the gateway is away, trying again", "lost");
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  state("a token is needed", "lost");
  $("login").hidden = false;
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  location.hash = encodeURIComponent($("token").value);
  location.reload();
});
addEventListener("resize", () => {
  for (const [id, plot] of Object.entries(plots ?? {})) plot.setSize({ width: width($(id)), height: 190 });
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const plot of Object.values(plots ?? {})) plot.redraw();
});
run(decodeURIComponent(location.hash.slice(1)));
