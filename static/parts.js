/* The parts every script shares: the strings, elements made without markup, fetching, and opening a map. */
"use strict";
const geoapp = (() => {
  const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "{}");
  const strings = read("strings");
  const config = read("config");
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const SVG = "http://www.w3.org/2000/svg";

  /* Text enters only as text: nothing here ever parses markup. */
  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  }

  function svg(name, attributes = {}, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  const sign = (name, className) =>
    svg("svg", { class: className, viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("use", { href: `${strings.files.marks}#${name}` }));

  const pin = (attributes = {}) => svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", ...attributes }, svg("use", { href: `${strings.files.icon}#pin` }));

  const say = (key, facts = {}) => (strings.said?.[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
  const look = (state, outcome) => (strings.unsolved?.includes(outcome) ? "unsolved" : strings.public?.[state] || "accepted");
  const word = (state, outcome) => strings.words?.[look(state, outcome)] || state;
  const mark = (ticket) => sign(look(ticket.state, ticket.outcome), `mark mark-${look(ticket.state, ticket.outcome)}`);

  const zone = config.time_zone || undefined;
  const dayFormat = (withYear) =>
    new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, day: "numeric", month: language === "zh" ? "long" : "short", ...(withYear && { year: "numeric" }) });
  const formats = { near: dayFormat(false), far: dayFormat(true) };
  const yearOf = new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric" });

  /* A day as people say it: the year only when it is not this one. */
  function day(iso) {
    const when = new Date(iso);
    if (Number.isNaN(when.getTime())) return "";
    return (yearOf.format(when) === yearOf.format(new Date()) ? formats.near : formats.far).format(when);
  }
  const time = (iso) => element("time", { datetime: iso, title: new Date(iso).toLocaleString(language, { timeZone: zone }) }, day(iso));

  /* A day without an hour is the same day in every zone. */
  function date(text) {
    const when = new Date(`${text}T00:00:00Z`);
    if (Number.isNaN(when.getTime())) return text;
    const now = when.getUTCFullYear() === new Date().getUTCFullYear();
    return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { timeZone: "UTC", day: "numeric", month: language === "zh" ? "long" : "short", ...(!now && { year: "numeric" }) }).format(when);
  }

  const counted = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en");
  const number = (n) => counted.format(n);
  const short = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en", { notation: "compact", maximumFractionDigits: 1 });

  async function getJson(url, signal) {
    const answer = await fetch(url, { signal, headers: { Accept: "application/json" } });
    if (answer.ok) return answer.json();
    const said = await answer.json().catch(() => null);
    throw Object.assign(new Error(`${answer.status}`), { status: answer.status, told: said?.error });
  }

  function openMap(id, frame) {
    const map = L.map(id, {
      maxZoom: frame.maxZoom, minZoom: 3, zoomControl: false, zoomSnap: 0.5, attributionControl: true,
      maxBounds: L.latLngBounds(frame.bounds).pad(0.6), maxBoundsViscosity: 0.8, worldCopyJump: false,
    });
    map.attributionControl.setPrefix(false);
    map.fitBounds(frame.bounds, { animate: false });
    L.control.zoom({ position: "topright", zoomInTitle: say("zoom_in"), zoomOutTitle: say("zoom_out") }).addTo(map);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    geoapp.map = map;
    map.on("tickets:shown zoomend", () => geoapp.names?.settle());
    geoapp.bounds = L.latLngBounds(frame.bounds);
    return map;
  }

  /* A pane whose things lie flat in one layer of the compositor: a Leaflet marker is a layer of its own, and a screen full
     of those makes every frame late. While the map zooms the pane is scaled as a whole; then each thing takes its place. */
  function flatLayer(pane, settled = () => {}) {
    const things = new Map();
    const box = element("div", { class: "flat leaflet-zoom-animated" });
    let origin = null, zoom = 0;
    const put = (at, made) => { const point = geoapp.map.latLngToLayerPoint(at); made.style.left = `${point.x}px`; made.style.top = `${point.y}px`; };
    function reset() {
      const { map } = geoapp;
      origin = map.layerPointToLatLng([0, 0]);
      zoom = map.getZoom();
      L.DomUtil.setPosition(box, L.point(0, 0));
      for (const [made, at] of things) put(at, made);
      settled();
    }
    function scale({ zoom: to = geoapp.map.getZoom(), center = null }) {
      const { map } = geoapp, point = center ? map._latLngToNewLayerPoint(origin, to, center) : map.latLngToLayerPoint(origin);
      L.DomUtil.setTransform(box, point, map.getZoomScale(to, zoom));
    }
    const layer = new (L.Layer.extend({
      onAdd(map) { (map.getPane(pane) || map.createPane(pane)).append(box); reset(); },
      onRemove() { box.remove(); },
      getEvents: () => ({ zoomanim: scale, zoom: () => scale({}), zoomend: reset, viewreset: reset }),
    }))();
    /* Changes come all at once, so that the browser lays them out once. */
    const change = (remove, add) => {
      for (const made of remove) { things.delete(made); made.remove(); }
      for (const [made, at] of add) { things.set(made, at); put(at, made); }
      box.append(...add.map(([made]) => made));
    };
    return Object.assign(layer, { box, change });
  }

  /* A canvas over the view and some more, in such a pane: painted at once or with the next frame, and by other light. */
  function flatCanvas(box, name, paint, relight) {
    const MARGIN = 112, canvas = element("canvas", { class: name, "aria-hidden": "true" }), pen = canvas.getContext("2d");
    let waiting = 0;
    box.prepend(canvas);
    function draw() {
      cancelAnimationFrame(waiting);
      waiting = 0;
      const { map } = geoapp, sharp = Math.min(2, devicePixelRatio || 1), corner = map.containerPointToLayerPoint([-MARGIN, -MARGIN]);
      const { x: wide, y: tall } = map.getSize().add([2 * MARGIN, 2 * MARGIN]);
      if (canvas.width !== Math.round(wide * sharp) || canvas.height !== Math.round(tall * sharp)) {
        Object.assign(canvas, { width: Math.round(wide * sharp), height: Math.round(tall * sharp) });
        Object.assign(canvas.style, { width: `${wide}px`, height: `${tall}px` });
      }
      /* By transform and not by place: what is moved so is no jump of the page. */
      canvas.style.transform = `translate(${corner.x}px, ${corner.y}px)`;
      pen.setTransform(sharp, 0, 0, sharp, -corner.x * sharp, -corner.y * sharp);
      pen.clearRect(corner.x, corner.y, wide, tall);
      paint(pen, map);
    }
    const later = () => { waiting ||= requestAnimationFrame(draw); };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { relight(); later(); });
    return { draw, later };
  }

  /* The box in view, outward to the edges of the server's cells (two zooms below the map's): exact, so never rounded. */
  function cells() {
    const { map } = geoapp, box = map.getBounds(), side = 2 ** Math.min(24, Math.floor(map.getZoom()) + 2);
    const across = (lon) => ((lon + 180) / 360) * side;
    const down = (lat) => (0.5 - Math.atanh(Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180)) / (2 * Math.PI)) * side;
    const lon = (x) => (Math.max(0, Math.min(side, x)) * 360) / side - 180;
    const lat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / side))) * 180) / Math.PI;
    return [lon(Math.floor(across(box.getWest()))), lat(Math.ceil(down(box.getSouth()))), lon(Math.ceil(across(box.getEast()))), lat(Math.floor(down(box.getNorth())))];
  }

  return { flatLayer, flatCanvas, cells, date, strings, config, language, element, svg, sign, pin, say, look, word, mark, day, time, number, short: (n) => (n < 1000 ? String(n) : short.format(n)), getJson, openMap };
})();
