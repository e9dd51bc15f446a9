/*
 * Covers the page when nobody has done anything for a while, warns before signing out, and clears
 * the screen at the end. The server keeps the same clock and decides; this only makes the page
 * follow in time, with what was typed still in it. Tabs agree through local storage (two times,
 * nothing else) and a channel.
 */
(() => {
  "use strict";

  const cover = document.querySelector("[data-session]");
  if (!cover) return;
  const part = (name) => cover.querySelector(`[data-cover-${name}]`);
  const limit = (name) => Number(cover.dataset[name]) * 1000;
  const [warning, left, said, slot, offline] = ["warning", "left", "said", "slot", "offline"].map(part);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("wallet-session") : null;
  const here = () => location.pathname + location.search;
  const ownTitle = document.title;

  let isCovered = false;
  let isLeaving = false;
  let isAsking = false;
  let back = here();
  let focused = null;
  let told = Date.now();
  let tellLater = 0;

  /* Two times that all tabs share: somebody was active; the sign-out clock started. */
  const times = { active: 0, alive: 0 };
  function remember(name, time) {
    times[name] = time;
    try {
      localStorage.setItem(`wallet-${name}`, String(time));
    } catch {
      /* Without storage each tab keeps its own. */
    }
  }
  function recall(name) {
    let shared = 0;
    try {
      shared = Number(localStorage.getItem(`wallet-${name}`)) || 0;
    } catch {
      shared = 0;
    }
    /* A time in the future is from a clock that was wrong. */
    return Math.max(times[name], shared <= Date.now() ? shared : 0);
  }
  const idle = () => Date.now() - recall("active");
  const quiet = () => Date.now() - Math.max(recall("active"), recall("alive"));

  function send(address, fields) {
    const body = new URLSearchParams(fields);
    const token = cover.querySelector("[data-session-token] [name=csrfmiddlewaretoken]");
    if (!body.has("csrfmiddlewaretoken")) body.set("csrfmiddlewaretoken", token.value);
    return fetch(address, {
      method: "POST",
      body,
      redirect: "manual",
      keepalive: true,
      headers: { "X-Wallet-Background": "1" },
    });
  }

  /* What was typed in the first form that was touched, without anything secret. */
  function typed() {
    const isTyped = (field) => {
      if (!field.name || ["hidden", "password", "file", "submit", "button"].includes(field.type)) return false;
      if (field.closest(".pin, .reveal")) return false; // shown for a moment, secret all the same
      return field.autocomplete !== "one-time-code";
    };
    const isChanged = (field) => {
      if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
      if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
      return field.value !== field.defaultValue;
    };
    for (const form of document.querySelectorAll("main form[method=post]")) {
      const fields = [...form.elements].filter(isTyped);
      if (!fields.some(isChanged)) continue;
      const sent = new URLSearchParams({ kept_action: new URL(form.action).pathname });
      for (const field of fields) {
        if (["checkbox", "radio"].includes(field.type) && !field.checked) continue;
        sent.append(field.name, field.value);
      }
      return sent;
    }
    return new URLSearchParams();
  }

  function hide(isHidden) {
    document.documentElement.classList.toggle("is-covered", isHidden);
    for (const node of document.body.children) {
      if (node === cover) continue;
      node.inert = isHidden;
      node.classList.toggle("under-cover", isHidden);
    }
    document.title = isHidden ? cover.dataset.title : ownTitle;
  }

  async function coverUp() {
    if (isCovered || isLeaving) return;
    isCovered = true;
    focused = document.activeElement;
    hide(true);
    cover.showModal();
    channel?.postMessage("covered");
    await ask();
  }

  /* Have the server cover too, keep what was typed there, and fetch the question. */
  async function ask(by = "") {
    if (isAsking) return;
    isAsking = true;
    try {
      if (!by) {
        const kept = await send(cover.dataset.coverUrl, typed());
        if (kept.type === "opaqueredirect") return leave();
        if (kept.status === 200) back = (await kept.json()).page;
      }
      const answer = await fetch(`${cover.dataset.resumeUrl}?fragment=1${by ? `&by=${by}` : ""}`, {
        redirect: "manual",
        headers: { "X-Wallet-Background": "1" },
      });
      if (!isCovered) return;
      if (!answer.ok) return go(back);
      show(await answer.text());
      offline.hidden = true;
    } catch {
      offline.hidden = slot.childElementCount > 0;
    } finally {
      isAsking = false;
    }
  }

  function show(html) {
    slot.innerHTML = html;
    document.dispatchEvent(new CustomEvent("wallet:added"));
    (slot.querySelector("[data-errors]") ?? slot.querySelector("input:not([type=hidden])"))?.focus();
  }

  function uncover() {
    if (!isCovered) return;
    isCovered = false;
    warning.hidden = true;
    said.textContent = "";
    slot.replaceChildren();
    hide(false);
    cover.close();
    focused?.focus?.();
  }

  function go(address) {
    isLeaving = true;
    location.replace(address);
  }

  /* The end: clear the screen first, then the door, which leads back here. */
  function leave() {
    if (isLeaving) return;
    isLeaving = true;
    channel?.postMessage("ended");
    document.title = cover.dataset.title;
    document.body.replaceChildren();
    location.replace(`${cover.dataset.doorUrl}?next=${encodeURIComponent(back)}`);
  }

  function tick() {
    if (isLeaving) return;
    /* A moment later than the server, so that it agrees. */
    if (quiet() >= limit("end") + 1500) return leave();
    if (idle() >= limit("cover")) coverUp();
    if (!isCovered) return;
    const isSoon = quiet() >= limit("warn");
    if (isSoon && warning.hidden) said.textContent = said.dataset.warnText;
    warning.hidden = !isSoon;
    const seconds = Math.max(0, Math.ceil((limit("end") - quiet()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  /* Somebody is here. The server hears of it once a minute at most. */
  function active() {
    tick();
    if (isCovered || isLeaving) return;
    if (Date.now() - times.active < 1000) return;
    remember("active", Date.now());
    if (tellLater) return;
    tellLater = setTimeout(tell, Math.max(0, 60_000 - (Date.now() - told)));
  }
  function tell() {
    clearTimeout(tellLater);
    tellLater = 0;
    if (isCovered || isLeaving) return;
    told = Date.now();
    send(cover.dataset.stayUrl, {}).catch(() => {});
  }

  slot.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-resume]");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    try {
      const answer = await send(form.action, new FormData(form));
      if (answer.status === 204) {
        remember("active", Date.now());
        channel?.postMessage("resumed");
        uncover();
      } else if (answer.status === 422) show(await answer.text());
      else go(`${cover.dataset.resumeUrl}?next=${encodeURIComponent(back)}`);
    } catch {
      button.removeAttribute("aria-busy");
      offline.hidden = false;
    }
  });
  slot.addEventListener("click", (event) => {
    const way = event.target.closest("[data-resume-way]");
    if (!way) return;
    event.preventDefault();
    ask(way.dataset.resumeWay);
  });
  part("stay").addEventListener("click", async () => {
    const answer = await send(cover.dataset.stayUrl, {}).catch(() => null);
    if (answer?.type === "opaqueredirect") return leave();
    if (answer?.ok) remember("alive", Date.now());
    tick();
    slot.querySelector("input:not([type=hidden])")?.focus();
  });
  /* Escape closes nothing; a browser that closes it all the same opens it again. */
  cover.addEventListener("cancel", (event) => event.preventDefault());
  cover.addEventListener("close", () => {
    if (isCovered && !isLeaving) cover.showModal();
  });

  channel?.addEventListener("message", (event) => {
    if (event.data === "covered") coverUp();
    if (event.data === "ended") leave();
    if (event.data === "resumed") {
      remember("active", Date.now());
      uncover();
    }
  });

  for (const name of ["pointerdown", "keydown", "wheel", "touchmove"]) {
    addEventListener(name, active, { capture: true, passive: true });
  }
  for (const name of ["focus", "pageshow", "online"]) addEventListener(name, tick);
  document.addEventListener("visibilitychange", tick);
  addEventListener("online", () => isCovered && !slot.childElementCount && ask());
  addEventListener("pagehide", () => tellLater && tell());

  const seen = Date.now() - limit("idle");
  if (seen > recall("active")) remember("active", seen);
  setInterval(tick, 1000);
  tick();
})();
