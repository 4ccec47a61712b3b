/* Search: places by name as one types, tickets by number or words, coordinates; what is not found is said. */
"use strict";
(() => {
  const { say, element, sign, config, map } = geoapp;
  const LEAST_WORDS = 3;
  const SIGNS = { areas: "area", roads: "road", landmarks: "place" };
  let found = null;

  /* A box that offers what fits while one types: arrows choose, Enter takes, Escape leaves. */
  function combobox({ input, list, none, offer, miss, reason = () => "" }) {
    let options = [], at = -1, asking = null, wait = 0, asked = "";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");

    /* What is not found, or could not be looked for, is said over what can be done instead. */
    function show(which, ...missing) {
      options = which;
      at = -1;
      none.replaceChildren(...missing);
      list.parentElement.hidden = !options.length && !missing.length;
      list.replaceChildren(...options.map((option, i) => {
        const made = element("li", { role: "option", id: `${list.id}-${i}`, "aria-selected": "false" }, sign(option.sign, ""), element("span", {}, element("strong", {}, option.name), option.more ? element("small", {}, option.more) : ""));
        made.addEventListener("pointerdown", (event) => event.preventDefault());
        made.addEventListener("click", () => take(option));
        return made;
      }));
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", Boolean(options.length));
      input.removeAttribute("aria-activedescendant");
    }

    function mark(to) {
      list.children[at]?.setAttribute("aria-selected", "false");
      at = to;
      const made = list.children[at];
      made?.setAttribute("aria-selected", "true");
      made?.scrollIntoView({ block: "nearest" });
      made ? input.setAttribute("aria-activedescendant", made.id) : input.removeAttribute("aria-activedescendant");
    }

    function close() {
      clearTimeout(wait);
      asking?.abort();
      asked = "";
      show([]);
    }

    function take(option) {
      close();
      input.value = option.name;
      option.act();
    }

    async function ask() {
      const text = input.value.trim();
      asking?.abort();
      if (!text) return close();
      if (text === asked) return undefined;
      const mine = (asking = new AbortController());
      try {
        const offered = await offer(text, mine.signal);
        if (asking !== mine) return undefined;
        asked = text;
        show(offered, ...(offered.some((one) => one.certain) ? [] : [reason() || say("nothing_called", { q: text })]));
      } catch (error) {
        if (error.name !== "AbortError" && asking === mine) fail();
      }
      return undefined;
    }

    /* The box keeps the keyboard as it does over what is offered: there Enter asks again. */
    function fail() {
      asked = "";
      const again = element("button", { type: "button", tabindex: -1 }, say("retry"));
      again.addEventListener("pointerdown", (event) => event.preventDefault());
      again.addEventListener("click", ask);
      show([], say("failed"), " ", again);
    }

    input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(ask, 160); });
    input.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== input) close(); }, 120));
    input.addEventListener("keydown", async (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && options.length) {
        event.preventDefault();
        return mark((at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length);
      }
      if (event.key === "Escape" && !list.parentElement.hidden) {
        event.stopPropagation();
        return close();
      }
      if (event.key !== "Enter") return undefined;
      event.preventDefault();
      if (options[at]) return take(options[at]);
      clearTimeout(wait);
      const text = input.value.trim();
      if (text !== asked) await ask();
      if (text !== asked) return undefined;
      const best = options.find((one) => one.certain);
      return best ? take(best) : miss(text);
    });
  }

  const placesCalled = async (text, roles, signal) => {
    const query = new URLSearchParams({ city: config.city, lang: geoapp.language, q: text.slice(0, 100), ...(roles && { role: roles }) });
    return (await geoapp.getJson(`/api/places?${query}`, signal)).items;
  };

  const more = (place) => [place.label, place.also].filter(Boolean).join(" · ");

  /* Shows a place: an area or a road whole, with a spot where it is small. */
  function go(lat, lon, box = null) {
    geoapp.closeTicket();
    found?.remove();
    found = null;
    const [west, south, east, north] = box || [lon, lat, lon, lat];
    const wide = L.latLngBounds([south, west], [north, east]);
    if (wide.getNorthEast().distanceTo(wide.getSouthWest()) > 150) return map.fitBounds(wide, { maxZoom: 17, padding: [30, 30] });
    found = L.marker([lat, lon], { icon: L.divIcon({ className: "found-spot", iconSize: [18, 18] }), keyboard: false, interactive: false }).addTo(map);
    return map.setView([lat, lon], Math.max(map.getZoom(), 16));
  }

  /* What words mean as a place: where they say it is, the places they may mean, or why they name none. */
  async function located(text, signal) {
    const query = new URLSearchParams({ city: config.city, lang: geoapp.language, q: text.slice(0, 500) });
    const answer = await geoapp.getJson(`/api/locate?${query}`, signal);
    if (answer.lon !== null) {
      const name = answer.name || text;
      return { options: [{ name, more: answer.text, sign: "locate", certain: true, act: () => reach(answer.lat, answer.lon, answer.radius_m, `${name}: ${answer.text}`) }] };
    }
    const may = (answer.evidence.runners_up || []).map((place) => ({ name: place.name, more: say("it_may_be"), sign: "locate", certain: false, act: () => reach(place.lat, place.lon, 0, place.name) }));
    return { options: may, why: answer.problem === "no_place" ? "" : answer.text };
  }

  /* A place that words gave, with how far it may be off. */
  function reach(lat, lon, radius, told) {
    go(lat, lon);
    if (radius > 30) {
      const circle = L.circle([lat, lon], { radius, className: "reach", interactive: false });
      found = L.featureGroup([found, circle].filter(Boolean)).addTo(map);
      map.fitBounds(circle.getBounds(), { maxZoom: 17, padding: [30, 30] });
    }
    geoapp.passing(told);
  }

  /* Coordinates in either order: a latitude cannot exceed 90. */
  function coordinates(text) {
    const two = text.match(/^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/);
    if (!two) return null;
    const [a, b] = [Number(two[1]), Number(two[2])];
    const near = [L.latLng(a, b), L.latLng(b, a)].filter((at) => Math.abs(at.lat) <= 90 && geoapp.bounds.pad(0.3).contains(at));
    return near[0] || false;
  }

  const box = document.getElementById("q");
  let why = "";

  async function offer(text, signal) {
    why = "";
    const at = coordinates(text);
    if (at) return [{ name: text, more: say("go_place", { q: `${at.lat.toFixed(5)}, ${at.lng.toFixed(5)}` }), sign: "locate", certain: true, act: () => go(at.lat, at.lng) }];
    if (at === false) { why = say("outside"); return []; }
    const offered = [];
    if (/^[\p{L}]{1,12}-?\d[\w-]*$/u.test(text)) {
      const number = text.toUpperCase();
      const known = await geoapp.getJson(`/api/tickets/${encodeURIComponent(number)}?lang=${geoapp.language}`, signal).catch((error) => { if (error.status !== 404) throw error; return null; });
      if (known) offered.push({ name: number, more: known.title, sign: "list", certain: true, act: () => geoapp.openTicket(number, { jump: true }) });
    }
    const called = await placesCalled(text, null, signal);
    /* A name by itself is looked up; what says more than a name is read. */
    if (!offered.length && !called.some((place) => place.name === text) && text.length >= LEAST_WORDS) {
      const read = await located(text, signal);
      offered.push(...read.options.filter((one) => !called.some((place) => place.name === one.name)));
      why = read.why;
    }
    /* Of several places of one name none is the one that Enter means. */
    const several = new Set(called.map((place) => place.name).filter((name, nth, all) => all.indexOf(name) !== nth));
    for (const place of called) {
      offered.push({ name: place.name, more: more(place), sign: SIGNS[place.role] || "place", certain: called.length === 1 || (place.name === text && !several.has(text)), act: () => go(place.lat, place.lon, place.bbox) });
    }
    offered.push({ name: text, more: say("with_words", { q: text }), sign: "search", certain: false, act: () => geoapp.filters.change({ q: text }) });
    return offered;
  }

  combobox({
    input: box, list: document.getElementById("finds"), none: document.getElementById("finds-none"), offer,
    miss: (text) => geoapp.passing(!text ? say("ask") : coordinates(text) === false ? say("outside") : why || say("nothing_called", { q: text })),
    reason: () => why,
  });
  document.getElementById("search").addEventListener("submit", (event) => event.preventDefault());

  const finder = document.getElementById("area-find");
  combobox({
    input: finder, list: document.getElementById("area-finds"), none: document.getElementById("area-finds-none"),
    offer: async (text, signal) => (await placesCalled(text, "areas", signal)).map((place) => ({
      name: place.name, more: more(place), sign: "area", certain: true,
      act: () => {
        finder.value = "";
        geoapp.filters.change({ area: place.area }, { called: place.name });
        go(place.lat, place.lon, place.bbox);
      },
    })),
    miss: () => undefined,
  });
})();
