/* Time: how many were opened when, and the window that is looked at, set by hand, by key, or played through. */
"use strict";
(() => {
  const { say, element, config, map } = geoapp;
  const DAY = 86400000, BEAT = 900;
  const part = (name) => document.getElementById(`time-${name}`);
  const strip = document.getElementById("time"), track = part("track"), bars = part("bars"), pane = part("window"), said = part("said");
  const handles = { since: part("since"), until: part("until") }, play = part("play"), toggle = part("toggle");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let found = null, edges = [], asking = null, wait = 0, beat = 0, dragged = null, answered = "", counted = null, room = 0, failure = null;

  const iso = (day) => new Date(day * DAY).toISOString().slice(0, 10);
  const number = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY);
  const told = (day) => geoapp.date(iso(day));

  /* The window in whole days, [first, after last); where nothing is asked it is everything. */
  function seen() {
    const { since, until } = { since: geoapp.filters.value("since"), until: geoapp.filters.value("until") };
    const first = edges[0], last = edges.at(-1), clamp = (day) => Math.min(last, Math.max(first, day));
    const from = /^\d{4}-\d\d-\d\d$/.test(since) ? clamp(number(since)) : first;
    return { from, to: Math.max(from, /^\d{4}-\d\d-\d\d$/.test(until) ? clamp(number(until) + 1) : last) };
  }

  const share = (day) => (day - edges[0]) / Math.max(1, edges.at(-1) - edges[0]);

  function inWindow({ from, to }) {
    return found.counts.reduce((sum, n, i) => (edges[i] < to && edges[i + 1] > from ? sum + n : sum), 0);
  }

  function place(at = dragged || seen()) {
    if (edges.length < 2) return;
    const left = share(at.from), right = share(at.to);
    handles.since.style.left = `${100 * left}%`;
    handles.until.style.left = `${100 * right}%`;
    pane.style.left = `${100 * left}%`;
    pane.style.width = `${100 * (right - left)}%`;
    const all = at.from <= edges[0] && at.to >= edges.at(-1), lastDay = Math.max(at.from, Math.min(at.to - 1, today()));
    /* Steps add up to a window only where it begins and ends with one; the map's own count always is exact. */
    const count = dragged || counted === null || (edges.includes(at.from) && edges.includes(at.to)) ? inWindow(at) : counted;
    const range = all ? say("time_all") : say("time_range", { a: told(at.from), b: told(lastDay) });
    if (!failure) said.replaceChildren(element("strong", {}, range), " ", element("span", {}, say("opened", { n: geoapp.number(count) })));
    for (const [name, day] of [["since", at.from], ["until", lastDay]]) {
      handles[name].setAttribute("aria-valuemin", edges[0]);
      handles[name].setAttribute("aria-valuemax", edges.at(-1) - 1);
      handles[name].setAttribute("aria-valuenow", day);
      handles[name].setAttribute("aria-valuetext", told(day));
    }
    const picked = pickOf(at);
    for (const button of part("picks").children) button.setAttribute("aria-pressed", button.dataset.pick === picked);
  }

  function draw() {
    const most = Math.max(1, ...found.counts), n = found.counts.length;
    bars.setAttribute("viewBox", `0 0 ${n} 100`);
    const path = (values) => values.map((value, i) => (value ? `M${i + 0.1} 100V${100 - Math.max(3, (100 * value) / most)}h.8V100z` : "")).join("");
    bars.querySelector(".time-all").setAttribute("d", path(found.counts));
    bars.querySelector(".time-open").setAttribute("d", path(found.open.map((value, i) => (found.counts[i] ? value : 0))));
    label();
  }

  /* The months that there is room to name. */
  function label() {
    const short = new Intl.DateTimeFormat(geoapp.language === "zh" ? "zh-CN" : "en-GB", { timeZone: "UTC", month: "short", ...(found.unit === "day" ? { day: "numeric" } : { year: "numeric" }) });
    const names = [];
    /* Measured once and when the window changes: to measure is to lay the whole page out. */
    room ||= track.clientWidth;
    let free = 0;
    found.starts.forEach((start, i) => {
      const at = share(edges[i]) * room, begins = found.unit !== "week" || i === 0 || start.slice(0, 7) !== found.starts[i - 1].slice(0, 7);
      if (!begins || at < free || at > room - 60) return;
      free = at + 84;
      const name = element("span", {}, short.format(new Date(`${start}T00:00:00Z`)));
      name.style.left = `${100 * share(edges[i])}%`;
      names.push(name);
    });
    part("scale").replaceChildren(...names);
  }

  function question() {
    const query = geoapp.query({});
    for (const name of ["since", "until"]) query.delete(name);
    return String(query);
  }

  async function load() {
    const asked = question();
    asking?.abort();
    if (asked === answered && found) return tell();
    if (failure) said.replaceChildren(say("loading"));
    const mine = (asking = new AbortController());
    strip.classList.add("is-stale");
    try {
      const next = await geoapp.getJson(`/api/times?${asked}`, mine.signal);
      if (asking !== mine) return undefined;
      found = next;
      answered = asked;
      edges = found.starts.map(number);
      if (edges.length) edges.push(after(edges.at(-1)));
      if (edges.length > 1) draw();
      tell();
    } catch (error) {
      if (asking === mine && error.name !== "AbortError") tell(geoapp.explain(error, load));
    }
    return undefined;
  }

  /* What is known of the view in hand; where that failed the bars are another view's, so they stay pale and no number is said. */
  function tell(remedy = null) {
    [asking, failure] = [null, remedy];
    strip.classList.toggle("is-stale", Boolean(remedy));
    strip.classList.toggle("is-empty", edges.length < 2);
    if (remedy) {
      const button = element("button", { type: "button" }, remedy.label);
      button.addEventListener("click", () => remedy.act());
      said.replaceChildren(remedy.text, " ", button);
    } else if (edges.length < 2) said.replaceChildren(say("opened", { n: 0 }));
    else place();
  }

  function after(day) {
    if (found.unit === "month") { const at = new Date(day * DAY); return Math.round(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1) / DAY); }
    return day + (found.unit === "week" ? 7 : 1);
  }

  /* At its ends a window asks nothing: tomorrow's tickets are in it too. */
  function set({ from, to }, how = {}) {
    geoapp.filters.change({ since: from <= edges[0] ? "" : iso(from), until: to >= edges.at(-1) ? "" : iso(to - 1) }, how);
    place();
  }

  const nearest = (day) => edges.reduce((best, edge) => (Math.abs(edge - day) < Math.abs(best - day) ? edge : best));

  /* One handle moved to a day: on an edge, and never past the other. */
  function moved(name, day, at) {
    const to = nearest(day), gap = edges[1] - edges[0];
    return name === "since" ? { from: Math.min(to, Math.max(edges[0], nearest(at.to - gap))), to: at.to } : { from: at.from, to: Math.max(to, Math.min(edges.at(-1), nearest(at.from + gap))) };
  }

  const dayAt = (event) => { const box = track.getBoundingClientRect(); return edges[0] + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (edges.at(-1) - edges[0]); };

  let grip = null;
  track.addEventListener("pointerdown", (event) => {
    if (edges.length < 2 || event.button) return;
    stop();
    const at = seen(), day = dayAt(event);
    const held = Object.keys(handles).find((name) => handles[name] === event.target);
    const inside = event.target === pane && at.to - at.from < edges.at(-1) - edges[0];
    grip = { name: held || (inside ? "both" : Math.abs(day - at.from) < Math.abs(day - at.to) ? "since" : "until"), at, day };
    track.setPointerCapture(event.pointerId);
    if (handles[grip.name]) handles[grip.name].focus({ preventScroll: true });
    event.preventDefault();
    follow(event);
  });
  function follow(event) {
    const day = dayAt(event), { name, at } = grip, width = at.to - at.from;
    if (name !== "both") dragged = moved(name, day, at);
    else { const from = nearest(Math.min(edges.at(-1) - width, Math.max(edges[0], at.from + day - grip.day))); dragged = { from, to: Math.min(edges.at(-1), from + width) }; }
    place();
  }
  track.addEventListener("pointermove", (event) => { if (grip) follow(event); });
  const release = (event) => {
    if (!grip) return;
    const to = dragged, before = grip.at;
    grip = dragged = null;
    if (event.type === "pointercancel" || (to.from === before.from && to.to === before.to)) return place();
    set(to);
  };
  track.addEventListener("pointerup", release);
  track.addEventListener("pointercancel", release);

  let typed = 0;
  for (const [name, handle] of Object.entries(handles)) {
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 4, PageDown: -4, Home: -Infinity, End: Infinity }[event.key];
      if (step === undefined || edges.length < 2) return;
      event.preventDefault();
      event.stopPropagation();
      stop();
      const at = dragged || seen(), i = edges.indexOf(nearest(name === "since" ? at.from : at.to)) + step;
      dragged = moved(name, edges[Math.min(edges.length - 1, Math.max(0, i))], at);
      place();
      /* A key held down moves the handle at once and asks when it rests. */
      clearTimeout(typed);
      typed = setTimeout(() => { const to = dragged; dragged = null; if (to) set(to); }, 250);
    });
  }

  const today = () => number(new Intl.DateTimeFormat("en-CA", { timeZone: config.time_zone || undefined }).format(new Date()));
  const picks = { month: () => today() - 29, year: () => number(`${iso(today()).slice(0, 4)}-01-01`), all: () => -Infinity };
  function pickOf(at) {
    if (at.to < edges.at(-1)) return null;
    if (at.from <= edges[0]) return "all";
    return Object.keys(picks).find((name) => picks[name]() === at.from) || null;
  }
  part("picks").addEventListener("click", (event) => {
    const pick = event.target.closest("button")?.dataset.pick;
    if (!pick) return;
    stop();
    const from = picks[pick]();
    geoapp.filters.change({ since: Number.isFinite(from) ? iso(from) : "", until: "" });
    place();
  });

  function stop() {
    clearTimeout(beat);
    beat = 0;
    play.setAttribute("aria-pressed", "false");
    play.setAttribute("aria-label", say("play"));
    play.querySelector("use").setAttribute("href", `${geoapp.strings.files.marks}#play`);
  }

  /* The window walks to the end, step by step; where none is set, one of a twelfth of the time begins it. */
  function walk() {
    const at = seen(), whole = at.from <= edges[0] && at.to >= edges.at(-1);
    const first = edges.findIndex((edge) => edge >= at.from), steps = whole ? Math.max(1, Math.round((edges.length - 1) / 12)) : Math.max(1, edges.findIndex((edge) => edge >= at.to) - first);
    const next = whole || (at.to >= edges.at(-1) && !beat) ? 0 : first + Math.max(1, Math.round(steps / 4));
    if (next + steps > edges.length - 1) {
      set({ from: edges[edges.length - 1 - steps], to: edges.at(-1) });
      return stop();
    }
    set({ from: edges[next], to: edges[next + steps] }, { passing: true });
    beat = setTimeout(walk, still.matches ? 2 * BEAT : BEAT);
    return undefined;
  }
  play.addEventListener("click", () => {
    if (beat) return stop();
    if (edges.length < 3) return undefined;
    play.setAttribute("aria-pressed", "true");
    play.setAttribute("aria-label", say("pause"));
    play.querySelector("use").setAttribute("href", `${geoapp.strings.files.marks}#pause`);
    walk();
    return undefined;
  });

  toggle.addEventListener("click", () => {
    const open = document.querySelector(".stage").classList.toggle("has-time");
    toggle.setAttribute("aria-expanded", open);
    map.invalidateSize({ pan: false });
    if (open) load();
  });

  map.on("tickets:loaded", (event) => { counted = event.count; if (found) place(); });
  const small = matchMedia("(max-width: 899px)"), stage = document.querySelector(".stage");
  const shown = () => !small.matches || stage.classList.contains("has-time");
  /* While the map is moved and moved again the bars wait; a filter set is answered sooner. */
  const later = (rest) => { clearTimeout(wait); wait = setTimeout(() => { if (shown()) load(); }, rest); };
  map.on("moveend", () => later(550));
  map.on("filters:changed", () => later(120));
  addEventListener("resize", () => { room = 0; if (found && shown() && edges.length > 1) label(); });
  later(120);
})();
