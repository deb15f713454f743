// A service worker under which what lies in never/ begins to arrive and never ends: what loading looks
// like, for as long as one likes, from whatever server the stories come.
/* global addEventListener, skipWaiting, clients */
const PAUSE = 5_000;
const BLANK = new TextEncoder().encode(' ');

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (!new URL(event.request.url).pathname.includes('/never/')) return;
  const body = new ReadableStream({
    async pull(controller) {
      // A server that fell silent would be given up.
      controller.enqueue(BLANK);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    },
  });
  event.respondWith(new Response(body, {headers: {'content-type': 'application/json'}}));
});
