/*
 * Shows the offline page when a page cannot be fetched. Keeps that page, styles, script, icons and
 * the pattern, fetched without cookies: nothing that belongs to a person is ever put in a cache, and
 * nothing is put there later. Forms are none of its business, but for one: where the answer to a
 * confirmed payment is cut, it leads to the page that tells what became of the payment.
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

/* It may have arrived or not: asked once, never sent again from here. */
const CONFIRMATION = /^(\/pay\/[0-9a-f-]{36}\/)authorise\/$/;
async function confirmOnce(request, [, payment]) {
  try {
    return await fetch(request);
  } catch {
    return Response.redirect(new URL(`${payment}?sent=1`, location.href).href, 303);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  const confirmation = CONFIRMATION.exec(address.pathname);
  if (request.method === "POST" && request.mode === "navigate" && confirmation) {
    event.respondWith(confirmOnce(request, confirmation));
    return;
  }
  if (request.method !== "GET" || address.origin !== location.origin) return;
  const path = address.pathname + address.search;
  if (request.mode === "navigate") {
    event.respondWith(open(event));
  } else if (files.includes(path)) {
    event.respondWith(fetch(request).catch(() => kept(path)));
  }
});
