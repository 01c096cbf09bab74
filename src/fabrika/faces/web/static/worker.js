// Keeps the pages that say so, and what they are drawn with, for the time in which there is no network. The network always comes first.
"use strict";
const PAGES = "pages-";
const FILES = "files";
const OFFLINE = "/offline";
const LONGEST_MS = 6000;
const MOST_FILES = 40;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(event));
});

self.addEventListener("message", (event) => {
  const told = event.data;
  if (told.kind === "forget") event.waitUntil(forget(""));
  if (told.kind === "keep") event.waitUntil(keep(told));
});

// Files lie under addresses that change with them, so that one that is kept is right for ever.
async function file(request) {
  const kept = await caches.match(request, { cacheName: FILES, ignoreVary: true });
  if (kept) return kept;
  const found = await fetch(request);
  if (found.ok) {
    const cache = await caches.open(FILES);
    await cache.put(request, found.clone());
    const names = await cache.keys();
    for (const old of names.slice(0, Math.max(0, names.length - MOST_FILES))) await cache.delete(old);
  }
  return found;
}

async function page(event) {
  const asked = fetch(event.request);
  const stored = asked.then(store.bind(null, event.request.url));
  event.waitUntil(stored.catch(() => {}));
  try {
    return await Promise.race([asked, late()]);
  } catch (lost) {
    const kept = await found(event.request.url);
    return kept ?? (await caches.match(OFFLINE, { cacheName: OFFLINE, ignoreVary: true })) ?? asked;
  }
}

function late() {
  return new Promise((_, refuse) => setTimeout(refuse, LONGEST_MS, new Error("late")));
}

// Pages are one person's: whatever another was shown at this browser is forgotten.
async function store(address, found) {
  const who = found.headers.get("Fabrika-Who");
  if (who === null) return;
  const keeps = found.ok && !found.redirected && found.headers.get("Fabrika-Keep") === "1";
  const copy = keeps ? found.clone() : null; // before anybody reads its body
  await forget(PAGES + who);
  if (copy === null) return;
  const cache = await caches.open(PAGES + who);
  await cache.put(bare(address), copy);
}

async function found(address) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGES)) continue;
    const kept = await caches.match(bare(address), { cacheName: name, ignoreVary: true });
    if (kept) return kept;
  }
  return null;
}

function bare(address) {
  const url = new URL(address);
  url.hash = "";
  return url.href;
}

async function forget(but) {
  for (const name of await caches.keys()) if (name.startsWith(PAGES) && name !== but) await caches.delete(name);
}

async function keep(told) {
  for (const one of told.files) await file(new Request(one)).catch(() => {});
  if (told.page) await fetch(told.page, { credentials: "same-origin" }).then(store.bind(null, told.page)).catch(() => {});
  // Nobody's: without a cookie it names no person.
  const asked = `${OFFLINE}?language=${told.language}`;
  const found = await fetch(asked, { credentials: "omit" }).catch(() => null);
  if (found?.ok) await (await caches.open(OFFLINE)).put(OFFLINE, found);
}
