/*
 * Shows the offline page when a page cannot be fetched. Keeps that page, styles, script, icons and
 * the pattern, fetched without cookies: nothing that belongs to a person is ever put in a cache, and
 * nothing is put there later. Forms are none of its business: it does not touch a POST.
 * walletsite/shell/offline.py writes SHELF before this text.
 */
"use strict";

const { name, page, files } = self.SHELF;

async function keep(address) {
  const answer = await fetch(new Request(address, { credentials: "omit", cache: "reload" }));
  if (!answer.ok || answer.redirected) throw new Error(`cannot keep ${address}`);
  await (await caches.open(name)).put(address, answer);
}

const kept = (address) => caches.match(address, { cacheName: name, ignoreVary: true });

self.addEventListener("install", (event) => {
  event.waitUntil(Promise.all([page, ...files].map(keep)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const dropOld = async () => {
    for (const other of await caches.keys()) if (other !== name) await caches.delete(other);
    /* The browser itself fetches pages, and says in their headers whether a person asked. */
    await self.registration.navigationPreload?.enable();
    await self.clients.claim();
  };
  event.waitUntil(dropOld());
});

async function open(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await kept(page)) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  const path = address.pathname + address.search;
  if (request.mode === "navigate") {
    event.respondWith(open(event));
  } else if (files.includes(path)) {
    event.respondWith(fetch(request).catch(() => kept(path)));
  }
});
