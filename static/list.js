/* The list beside the map: what is in view, newest first, and how much of it there is. */
"use strict";
(() => {
  const { element, say, mark, word, number } = geoapp;
  const list = document.getElementById("list"), note = document.getElementById("list-note"), more = document.getElementById("more");
  const count = document.querySelector("#count .count-text"), dock = document.getElementById("dock-count");
  const LENGTH = 40;
  let asking = null, next = null, spot = null, held = 0;

  function when(t) {
    if (t.due_at && geoapp.isOpen(t)) return t.late
      ? element("span", { class: "late-word" }, say("until", { d: geoapp.day(t.due_at) }), " ", say("late"))
      : say("until", { d: geoapp.day(t.due_at) });
    return geoapp.day(t.changed_at || t.opened_at);
  }

  const row = (t) => element("li", {}, element("a", { class: "row", href: `/tickets/${encodeURIComponent(t.number)}`, "data-number": t.number, "aria-current": t.number === geoapp.panel.number && "true" },
    mark(t),
    element("span", { class: "row-text" },
      element("span", { class: "row-title" }, t.urgent ? element("span", { class: "late-word" }, `${say("urgent")} `) : "", t.title),
      element("span", { class: "row-more" }, word(t.state, t.outcome), " · ", when(t), t.place && !t.title.includes(t.place) ? ` · ${t.place}` : ""))));

  function tell(strong, text = "", retry = null) {
    note.hidden = !strong;
    note.replaceChildren(element("strong", {}, strong || ""), text);
    if (!retry) return;
    const again = element("button", { class: "quiet", type: "button" }, say("retry"));
    again.addEventListener("click", retry);
    note.append(again);
  }

  async function load(box = null) {
    asking?.abort();
    const mine = (asking = new AbortController());
    spot = box;
    list.classList.add("is-stale");
    try {
      const found = await geoapp.getJson(`/api/tickets?${geoapp.query({ limit: LENGTH }, box)}`, mine.signal);
      list.replaceChildren(...found.items.map(row));
      list.parentElement.scrollTop = 0;
      offer(found.next);
      found.items.length ? tell("") : tell(say("none"), say("none_hint"));
      if (box) count.textContent = say("at_spot", { n: number(found.count) });
    } catch (error) {
      if (error.name !== "AbortError") fail(() => load(box));
    } finally {
      if (asking === mine) list.classList.remove("is-stale");
    }
  }

  function fail(retry) {
    list.replaceChildren();
    offer(null);
    tell(say("failed"), "", retry);
  }

  function offer(cursor) {
    next = cursor;
    more.hidden = !cursor;
  }

  more.addEventListener("click", async () => {
    more.disabled = true;
    try {
      const found = await geoapp.getJson(`/api/tickets?${geoapp.query({ limit: LENGTH, cursor: next }, spot)}`);
      list.append(...found.items.map(row));
      offer(found.next);
    } catch {
      tell(say("failed"));
    } finally {
      more.disabled = false;
    }
  });

  for (const [event, give] of [["mouseover", (row) => row.dataset.number], ["mouseout", () => null]]) {
    list.addEventListener(event, (e) => { const at = e.target.closest(".row"); if (at) geoapp.tickets.light(give(at)); });
  }

  geoapp.markRow = (which) => {
    for (const each of list.querySelectorAll(".row")) each.toggleAttribute("aria-current", each.dataset.number === which);
  };
  /* Null: it is not known, and an old number would be taken for the new one. */
  geoapp.tellCount = (found) => {
    if (!found) {
      count.textContent = dock.textContent = "–";
      return;
    }
    const { count: all, open } = found;
    const text = say("in_view", { n: number(all) });
    count.replaceChildren(text, element("small", {}, say("open_of", { n: number(open) })));
    dock.textContent = text;
  };
  geoapp.listSpot = (box) => { geoapp.raiseList?.(); load(box); };
  /* Opening a ticket may move the map a little; the list it was chosen from then stays as it is. */
  const follow = () => { if (Date.now() > held) load(); };
  geoapp.list = { load, follow, hold: () => { held = Date.now() + 1500; } };
})();
