// Keeps the classroom: after the first visit everything comes from here, with or without a network.

const listed = fetch("files.json").then((answer) => answer.json());

self.addEventListener("install", (event) => {
  event.waitUntil(listed.then(async ({ version, files }) => {
    const cache = await caches.open(version);
    await cache.addAll(["./", "files.json", ...Object.keys(files)]);
    await self.skipWaiting();
  }));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const { version } = await (await caches.match("files.json") ?? await fetch("files.json")).json();
    for (const name of await caches.keys()) if (name !== version) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(event.request)));
});
