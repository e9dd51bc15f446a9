/*
 * Passkeys. A form with data-passkey carries the question for the browser; sending it first has
 * the person unlock their passkey, then goes on with the answer in the field "credential". The
 * server made the question and checks the answer; without this file such forms stay hidden.
 */
(() => {
  "use strict";

  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const named = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

  function question(form) {
    const asked = JSON.parse(form.dataset.passkeyOptions);
    asked.challenge = bytes(asked.challenge);
    if (asked.user) asked.user.id = bytes(asked.user.id);
    if (asked.excludeCredentials) asked.excludeCredentials = named(asked.excludeCredentials);
    if (asked.allowCredentials) asked.allowCredentials = named(asked.allowCredentials);
    return { publicKey: asked };
  }

  /* The answer as JSON: every buffer as base64url. */
  function answer(credential) {
    const { response } = credential;
    const said = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      said.attestationObject = text(response.attestationObject);
      said.transports = response.getTransports?.() ?? [];
    } else {
      said.authenticatorData = text(response.authenticatorData);
      said.signature = text(response.signature);
      if (response.userHandle) said.userHandle = text(response.userHandle);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: said,
    });
  }

  const show = (root) => {
    for (const form of root.querySelectorAll("[data-passkey]")) form.hidden = false;
    for (const said of root.querySelectorAll("[data-no-passkey]")) said.hidden = true;
  };

  /* Before any other script sees the form being sent. */
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target.closest("[data-passkey]");
      if (!form || form.elements.credential.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const [button, said] = ["[type=submit]", "[data-passkey-said]"].map((name) => form.querySelector(name));
      if (button.getAttribute("aria-busy") === "true") return;
      button.setAttribute("aria-busy", "true");
      said.textContent = "";
      try {
        const made = await navigator.credentials[form.dataset.passkey](question(form));
        form.elements.credential.value = answer(made);
      } catch (error) {
        /* The person closed the window, waited too long, or has this passkey already. */
        said.textContent = error.name === "InvalidStateError" ? said.dataset.known : said.dataset.closed;
      }
      button.removeAttribute("aria-busy");
      if (form.elements.credential.value) form.requestSubmit();
    },
    true,
  );

  show(document);
  document.addEventListener("wallet:added", () => show(document));
})();
