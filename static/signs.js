/* The signs' pictures: all on one canvas, for a picture of its own for each would make every frame of a zoom late. */
"use strict";
geoapp.signCanvas = (box) => {
  const PAUSE = 2000, LONGEST = 60000;
  const pictures = new Map();
  let pen = null, symbols = null, colours = null, list = () => [];

  /* Asked once a theme: each question makes the browser work out the whole page's style. */
  function palette() {
    if (colours) return colours;
    const style = getComputedStyle(document.documentElement), token = (name) => style.getPropertyValue(name).trim();
    colours = Object.fromEntries(["accepted", "in-hand", "works", "solved", "unsolved", "shelved", "again", "late", "raised", "edge", "ink", "accent", "mark-paper"].map((name) => [name, token(`--${name}`)]));
    colours.font = token("--font");
    return colours;
  }

  /* The marks are the page's own, drawn in today's colours; the file is there already, the list uses it too. */
  async function load(pause = PAUSE) {
    const text = await fetch(geoapp.strings.files.marks).then((answer) => (answer.ok ? answer.text() : "")).catch(() => "");
    symbols = new Map([...new DOMParser().parseFromString(text, "image/svg+xml").querySelectorAll("symbol")].map((one) => [one.id, one.innerHTML]));
    if (!symbols.size) setTimeout(load, pause, Math.min(LONGEST, 2 * pause));
    later();
  }

  function mark(name, colour) {
    const key = `${name} ${colour}`;
    if (!pictures.has(key)) {
      const inner = symbols.get(name).replaceAll("currentColor", colour).replaceAll("var(--mark-paper,#fff)", palette()["mark-paper"]);
      const image = new Image(48, 48);
      image.src = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 24 24">${inner}</svg>`)}`;
      image.decode().then(() => { image.ready = true; later(); }, () => { image.broken = true; later(); });
      pictures.set(key, image);
    }
    return pictures.get(key);
  }

  function put(name, colour, x, y, size) {
    if (!symbols) return;
    const image = symbols.has(name) ? mark(name, colour) : null;
    if (image?.ready) pen.drawImage(image, x - size / 2, y - size / 2, size, size);
    else if (!image || image.broken) plain(colour, x, y, size);
  }

  /* Without its picture a sign is a spot of its colour: better a plain sign than a ticket that seems not to be. */
  function plain(colour, x, y, size) {
    pen.beginPath();
    pen.arc(x, y, 0.36 * size, 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.fill();
    pen.lineWidth = 1.5;
    pen.strokeStyle = palette()["mark-paper"];
    pen.stroke();
  }

  /* Late is thickest and settled thinnest, so a ring can be read without its colours. */
  function ring({ count, open, late }, x, y, r, grown) {
    const c = palette();
    pen.beginPath();
    pen.arc(x, y, (r + 2) * grown, 0, 2 * Math.PI);
    pen.fillStyle = c.raised;
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = c.edge;
    pen.stroke();
    let from = -Math.PI / 2;
    for (const [colour, share, width] of [[c.late, late / count, 6], [c["in-hand"], (open - late) / count, 4.5], [c.solved, (count - open) / count, 3]]) {
      if (share <= 0) continue;
      const to = from + share * 2 * Math.PI, gap = share < 1 ? Math.min(0.03, share * 3) : 0;
      pen.beginPath();
      pen.arc(x, y, (r - 1) * grown, from, to - gap);
      pen.lineWidth = width;
      pen.strokeStyle = colour;
      pen.globalAlpha = width === 3 ? 0.75 : 1;
      pen.stroke();
      from = to;
    }
    pen.globalAlpha = 1;
    pen.fillStyle = c.ink;
    pen.fillText(geoapp.short(count), x, y + 0.5);
  }

  /* A place with a history shows how often, before it is opened. */
  function times(n, x, y) {
    const c = palette(), text = geoapp.short(n), half = Math.max(8, 4 + 3.4 * text.length);
    pen.beginPath();
    pen.roundRect(x - half, y - 8, 2 * half, 16, 8);
    pen.fillStyle = c.again;
    pen.fill();
    pen.fillStyle = c["mark-paper"];
    pen.fillText(text, x, y + 0.5);
  }

  function sign({ state, outcome, late, urgent, times: often }, x, y, grown, chosen) {
    const c = palette(), look = geoapp.look(state, outcome);
    if (chosen) {
      pen.globalAlpha = 0.22;
      pen.beginPath();
      pen.arc(x, y, 23, 0, 2 * Math.PI);
      pen.fillStyle = c.accent;
      pen.fill();
      pen.globalAlpha = 1;
    }
    put(look, c[look.replace("_", "-")], x, y, 24 * grown);
    if (late) put("late", c.late, x + 12, y - 12, 14);
    if (urgent) put("urgent", c.late, x - 12, y - 12, 14);
    if (often > 1) times(often, x + 12, y + 11);
  }

  const { draw, later } = geoapp.flatCanvas(box, "signs", paint, () => { colours = null; pictures.clear(); });

  function paint(on, map) {
    pen = on;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = `620 11.5px ${palette().font}`;
    for (const { at, facts, reach, lit, chosen } of list()) {
      const { x, y } = map.latLngToLayerPoint(at), grown = chosen ? 1.45 : lit ? 1.25 : 1;
      facts.count > 1 ? ring(facts, x, y, reach - 4, lit ? 1.12 : 1) : sign(facts, x, y, grown, chosen);
    }
  }

  load();
  return { draw, later, of: (give) => { list = give; } };
};
