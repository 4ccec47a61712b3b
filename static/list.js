/* The list beside the map: what is in view, newest first, and how much of it there is. */
"use strict";
(() => {
  const { element, say, mark, word, number } = geoapp;
  const list = document.getElementById("list"), note = document.getElementById("list-note"), more = document.getElementById("more");
  const count = document.querySelector("#count .count-text"), dock = document.getElementById("dock-count");
  const LENGTH = 40;
  let asking = null, next = null, spot = null, atSpot = null, inView = null, wait = 0, held = 0;

  function when(t) {
    if (t.due_at && geoapp.isOpen(t)) return t.late
      ? element("span", { class: "late-word" }, say("until", { d: geoapp.day(t.due_at) }), " ", say("late"))
      : say("until", { d: geoapp.day(t.due_at) });
    return geoapp.day(t.changed_at || t.opened_at);
  }

  /* The place has a line of its own, so the title is the matter alone. */
  const matterOf = (t) => (t.place && t.title.endsWith(` · ${t.place}`) ? t.title.slice(0, -t.place.length - 3) : t.title);

  const row = (t) => element("li", {}, element("a", { class: "row", href: `/tickets/${encodeURIComponent(t.number)}`, "data-number": t.number, "aria-current": t.number === geoapp.panel.number && "true" },
    mark(t),
    element("span", { class: "row-text" },
      element("span", { class: "row-title" }, t.urgent ? element("span", { class: "late-word" }, `${say("urgent")} `) : "", matterOf(t)),
      t.place && t.title !== t.place ? element("span", { class: "row-place" }, t.place) : "",
      element("span", { class: "row-more row-parts" }, t.synthetic ? element("span", {}, say("made_up")) : "", t.public ? "" : element("span", {}, say("not_public")), element("span", {}, word(t.state, t.outcome)), element("span", {}, when(t))))));

  function tell(strong, text = "", remedy = null) {
    note.hidden = !strong;
    note.replaceChildren(element("strong", {}, strong || ""), text);
    if (!remedy) return;
    const button = element("button", { class: "quiet", type: "button" }, remedy.label);
    button.addEventListener("click", remedy.act);
    note.append(button);
  }

  /* One question at a time: another takes its place, whatever the first was to fill; the same one asked twice is one. */
  async function ask(query, show) {
    const question = String(query);
    if (asking?.question === question) return;
    asking?.abort();
    const mine = (asking = Object.assign(new AbortController(), { question }));
    try {
      const found = await geoapp.getJson(`/api/tickets?${question}`, mine.signal);
      if (asking === mine) show(found);
    } catch (error) {
      if (asking === mine && error.name !== "AbortError") throw error;
    } finally {
      if (asking === mine) {
        asking = null;
        more.disabled = false;
        list.classList.remove("is-stale");
      }
    }
  }

  async function load(box = null) {
    clearTimeout(wait);
    spot = box;
    list.classList.add("is-stale");
    try {
      await ask(geoapp.query({ limit: LENGTH }, box), (found) => {
        list.replaceChildren(...found.items.map(row));
        list.parentElement.scrollTop = 0;
        offer(found.next);
        found.items.length ? tell("") : tell(say("none"), say("none_hint"));
        atSpot = box && number(found.count);
        head();
      });
    } catch (error) {
      const remedy = geoapp.explain(error, () => load(box));
      list.replaceChildren();
      offer(null);
      tell(remedy.text, "", remedy);
    }
  }

  function offer(cursor) {
    next = cursor;
    more.hidden = !cursor;
  }

  more.addEventListener("click", async () => {
    more.disabled = true;
    try {
      await ask(geoapp.query({ limit: LENGTH, cursor: next }, spot), (found) => {
        list.append(...found.items.map(row));
        offer(found.next);
      });
    } catch (error) {
      tell(geoapp.explain(error).text);
    }
  });

  /* What stands over the list: how many lie at the spot that was opened, else how many are in view. */
  function head() {
    const all = inView && say("in_view", { n: number(inView.count) });
    dock.textContent = all || "–";
    if (atSpot) count.textContent = say("at_spot", { n: atSpot });
    else if (!inView) count.textContent = "–";
    else count.replaceChildren(all, element("small", {}, say("open_of", { n: number(inView.open) })));
  }

  for (const [event, give] of [["mouseover", (row) => row.dataset.number], ["mouseout", () => null]]) {
    list.addEventListener(event, (e) => { const at = e.target.closest(".row"); if (at) geoapp.tickets.light(give(at)); });
  }

  /* The arrows go from row to row, as one reads. */
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const to = step && event.target.closest("li")?.[step]?.querySelector(".row");
    if (!to) return;
    event.preventDefault();
    to.focus();
  });

  geoapp.markRow = (which) => {
    for (const each of list.querySelectorAll(".row")) each.toggleAttribute("aria-current", each.dataset.number === which);
  };
  /* Null: it is not known, and an old number would be taken for the new one. */
  geoapp.tellCount = (found) => { inView = found; head(); };
  geoapp.listSpot = (box) => { geoapp.raiseList?.(); load(box); };
  /* Opening a ticket may move the map a little; the list it was chosen from then stays as it is. */
  const follow = () => { clearTimeout(wait); wait = setTimeout(() => { if (Date.now() > held) load(); }, 320); };
  geoapp.list = { load, follow, hold: () => { held = Date.now() + 1500; } };
})();
