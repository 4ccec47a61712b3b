/* The peer of the map: supercluster, which clusters in the browser or in a server's memory. Reads points (float64 pairs of
   longitude and latitude) from the file named first and windows (west, south, east, north, zoom) from the second; prints
   the seconds its index took, the megabytes it holds, and the milliseconds of each answer, as JSON. */
import { readFileSync } from "node:fs";
import Supercluster from "supercluster";

const numbers = (path) => { const bytes = readFileSync(path); return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8); };
const places = numbers(process.argv[2]), windows = numbers(process.argv[3]);
const points = [];
for (let at = 0; at < places.length; at += 2) {
  points.push({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [places[at], places[at + 1]] } });
}
const started = performance.now();
const index = new Supercluster({ radius: 64, extent: 256, maxZoom: 17 }).load(points);
const seconds = (performance.now() - started) / 1000;
const answers = [];
for (let at = 0; at < windows.length; at += 5) {
  const asked = performance.now();
  JSON.stringify(index.getClusters([...windows.subarray(at, at + 4)], windows[at + 4]));
  answers.push(performance.now() - asked);
}
console.log(JSON.stringify({ seconds, megabytes: process.memoryUsage().rss / 2 ** 20, answers }));
