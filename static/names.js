/* Names on the ground, all on one canvas: around the signs, the coarser areas' first; roads' along themselves. */
"use strict";
geoapp.names = (() => {
  const LOOKS = { districts: ["600 14px", "--place"], road: ["400 11px", "--ink-3"], other: ["400 12px", "--place"] };
  const groups = new Map();
  let sheet = null, colours = null;

  function paint(pen, map) {
    if (!colours) {
      const style = getComputedStyle(document.documentElement), token = (name) => style.getPropertyValue(name).trim();
      colours = { font: token("--font"), "--land": token("--land"), "--place": token("--place"), "--ink-3": token("--ink-3") };
    }
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    for (const { text, at, up, angle, look } of [...groups.values()].flat()) {
      const { x, y } = map.latLngToLayerPoint(at), [font, colour] = LOOKS[look] || LOOKS.other;
      pen.save();
      pen.translate(x, y + up);
      pen.rotate(angle);
      pen.font = `${font} ${colours.font}`;
      pen.lineWidth = 3.5;
      pen.strokeStyle = colours["--land"];
      pen.strokeText(text, 0, 0);
      pen.fillStyle = colours[colour];
      pen.fillText(text, 0, 0);
      pen.restore();
    }
  }

  /* What a group of names says now, in place of what it said. */
  function put(group, list) {
    sheet ||= begin();
    if (!list.length && !groups.get(group)?.length) return;
    groups.set(group, list);
    sheet.later();
  }

  function begin() {
    const layer = geoapp.flatLayer("names", () => sheet?.draw());
    const made = geoapp.flatCanvas(layer.box, "names", paint, () => { colours = null; });
    layer.addTo(geoapp.map);
    return made;
  }

  /* All names at once: what is taken is taken from the finer ones. */
  function settle() {
    const taken = (geoapp.tickets?.discs?.() || []).map(({ at, reach }) => ({ x: at.x, y: at.y, halfWidth: reach, halfHeight: reach }));
    for (const layer of settle.layers) layer(taken);
  }
  settle.layers = [];

  return { put, settle, shown: () => [...groups.values()].flat().map(({ text }) => text) };
})();
