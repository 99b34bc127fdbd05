// Keeps the classroom: after the first visit everything comes from here, with or without a network.
// build.py writes VERSION above, that of all files together: so another site is another worker.

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const { files } = await (await fetch("files.json", { cache: "reload" })).json();
    // the server is asked whether what the page has just loaded is still the same, and sends it once
    const anew = ["./", "files.json", ...Object.keys(files)].map((name) => new Request(name, { cache: "no-cache" }));
    await (await caches.open(VERSION)).addAll(anew);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith((async () => {
    const cache = await caches.open(VERSION);
    return (await cache.match(event.request, { ignoreSearch: true })) ?? fetch(event.request);
  })());
});
