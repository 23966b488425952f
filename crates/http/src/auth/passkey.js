"use strict";
// The only script here: passkeys need one. Everything else works without.
(() => {
  const place = document.getElementById("passkey");
  if (!place || !window.PublicKeyCredential) return;
  place.hidden = false;
  const told = place.querySelector("[role=alert]");
  const text = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const send = async (path, fields) => {
    const answer = await fetch(`/auth/passkey/${path}`, {
      method: "POST", body: new URLSearchParams(fields), credentials: "same-origin",
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error_description);
    return said;
  };
  const register = async ({ challenge, rpId, name, have }) => {
    const made = await navigator.credentials.create({ publicKey: {
      challenge: bytes(challenge), rp: { id: rpId, name: "Accord" }, attestation: "none",
      user: { id: new TextEncoder().encode(name), name, displayName: name },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -257 }],
      excludeCredentials: have.map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    } });
    const response = JSON.stringify({
      id: made.id, clientData: text(made.response.clientDataJSON),
      authenticatorData: text(made.response.getAuthenticatorData()),
    });
    return send("register", { challenge, response, form: place.dataset.form, label: place.querySelector("input").value });
  };
  const signIn = async ({ challenge, rpId }) => {
    const shown = await navigator.credentials.get({ publicKey: {
      challenge: bytes(challenge), rpId, userVerification: "required",
    } });
    const response = JSON.stringify({
      id: shown.id, clientData: text(shown.response.clientDataJSON),
      authenticatorData: text(shown.response.authenticatorData),
      signature: text(shown.response.signature),
    });
    return send("sign-in", { challenge, response, next: place.dataset.next || "" });
  };
  // What browsers tell of a ceremony that was broken off is not for people.
  const inWords = (error) => ({
    NotAllowedError: "That was cancelled or took too long. Try again.",
    InvalidStateError: "This device already has a passkey for your account.",
    SecurityError: "Passkeys need a secure connection to this server.",
  })[error.name] || `${error.message || "That did not work"}.`;
  const button = place.querySelector("button");
  button.addEventListener("click", async () => {
    told.textContent = "";
    button.disabled = true;
    try {
      const begun = await send("challenge", { do: place.dataset.do });
      const said = await (place.dataset.do === "register" ? register : signIn)(begun);
      location.assign(said.next);
    } catch (error) {
      told.textContent = inWords(error);
      button.disabled = false;
      button.focus();
    }
  });
})();
