/* The filters: one form holds every word asked for, chips say them, and the address is written from them. */
"use strict";
(() => {
  const { say, element, sign, strings } = geoapp;
  const form = document.getElementById("filters"), dueDay = document.getElementById("due-day");
  const NAMES = ["q", "area", "category", "matter", "kind", "state", "outcome", "unit", "source", "since", "until", "due"];
  const fields = new Map(NAMES.map((name) => [name, form.elements[name]]));
  const value = (name) => fields.get(name).value;

  function words() {
    const query = new URLSearchParams();
    for (const name of NAMES) if (value(name)) query.set(name, value(name));
    return query;
  }

  /* A list or a switch takes only what it offers; what an address asks beyond that is offered from then on. */
  function set(name, to, called = "") {
    const field = fields.get(name);
    if (field instanceof HTMLSelectElement && ![...field.options].some((one) => one.value === to)) field.append(new Option(called || to, to));
    if (field instanceof RadioNodeList && ![...field].some((one) => one.value === to)) {
      form.append(element("label", { class: "unseen" }, element("input", { type: "radio", name, value: to }), element("span", {}, to)));
      fields.set(name, form.elements[name]);
    }
    /* A switch's own `value` cannot be set to nothing. */
    if (field instanceof RadioNodeList) for (const one of fields.get(name)) one.checked = one.value === to;
    else field.value = to;
    if (field.dataset) field.dataset.words = called;
  }

  /* How a value is said: as the form itself says it. */
  function told(name) {
    const field = fields.get(name), at = value(name);
    if (name === "since" || name === "until") return geoapp.date(at);
    if (name === "due" && /^\d/.test(at)) return geoapp.date(at);
    if (field instanceof HTMLSelectElement) return field.selectedOptions[0]?.textContent || at;
    if (field instanceof RadioNodeList) return [...field].find((one) => one.checked)?.labels[0].textContent.trim() || at;
    return field.dataset.words || at;
  }

  function chip(name) {
    const made = element("button", { class: "chip", type: "button", "data-name": name }, element("span", {}, strings.asks[name]), " ",
      element("strong", {}, told(name)), sign("close", ""));
    made.setAttribute("aria-label", say("remove", { what: `${strings.asks[name]}: ${told(name)}` }));
    return made;
  }

  function show() {
    const asked = NAMES.filter(value);
    for (const place of document.querySelectorAll(".narrowed")) {
      const all = element("button", { class: "chips-all", type: "button" }, say("show_all"));
      place.replaceChildren(...asked.map(chip), asked.length ? all : "");
      place.hidden = !asked.length;
    }
    narrow();
  }

  /* What the form shows of itself: the chosen category's matters, the day something is due. */
  function narrow() {
    for (const group of fields.get("matter").querySelectorAll("optgroup")) group.hidden = group.disabled = Boolean(value("category")) && group.dataset.category !== value("category");
    dueDay.value = /^\d/.test(value("due")) ? value("due") : "";
  }

  /* Whatever changes a filter comes through here: chips, address, map and list follow. */
  function change(words, how = {}) {
    for (const [name, to] of Object.entries(words)) set(name, to, how.called);
    show();
    geoapp.filtersChanged(how);
  }

  const clear = () => change(Object.fromEntries(NAMES.map((name) => [name, ""])));

  function read(query) {
    for (const name of NAMES) if ((query.get(name)?.trim() || "") !== value(name)) set(name, query.get(name)?.trim() || "");
    show();
  }

  form.addEventListener("change", (event) => {
    const { name } = event.target;
    if (event.target === dueDay) return change({ due: dueDay.value }, { called: dueDay.value && say("due_day", { d: geoapp.date(dueDay.value) }) });
    if (!fields.has(name)) return undefined;
    const matter = fields.get("matter").selectedOptions[0]?.parentElement;
    const stray = name === "category" && value("category") && matter?.dataset.category && matter.dataset.category !== value("category");
    return change(stray ? { matter: "" } : {});
  });
  /* The chips the page came with are left as they stand, so that nothing moves, and work as those made here. */
  for (const place of document.querySelectorAll(".narrowed")) {
    place.addEventListener("click", (event) => {
      const name = event.target.closest("[data-name]")?.dataset.name;
      if (!name && !event.target.closest(".chips-all")) return;
      event.preventDefault();
      name ? change({ [name]: "" }) : clear();
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());

  geoapp.filters = { words, change, clear, read, show, value };
  narrow();
})();
